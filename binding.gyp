{
  "targets": [
    {
      "target_name": "node_netmap",
      "sources": [
        "<!@(node -p \"['native/addon/', 'native/traffic/', 'native/emulation/', 'native/runner/'].flatMap((d) => require('node:fs').readdirSync(d).filter((f) => f.endsWith('.cc')).map((f) => d + f)).join(' ')\")",
        "<!@(node -p \"require('node:fs').readdirSync('native/apps').filter((f) => f.endsWith('.cc')).map((f) => 'native/apps/' + f).join(' ')\")",
        "<!@(node -p \"require('node:fs').readdirSync('native/emulator', { recursive: true }).filter((f) => f.endsWith('.cc')).map((f) => 'native/emulator/' + f).join(' ')\")",
        "<!@(node -p \"require('node:fs').readdirSync('native/classifier', { recursive: true }).filter((f) => f.endsWith('.cc')).map((f) => 'native/classifier/' + f).join(' ')\")",
        "native/device/kernel.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags": ["-O3", "-fvisibility=hidden", "-Wall", "-Wextra"],
      "cflags_cc": ["-std=c++17", "-fno-exceptions"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-std=c++20", "-fexceptions"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
        "GCC_OPTIMIZATION_LEVEL": "3",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES"
      },
      "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["/std:c++17"] } },
      "conditions": [
        ["OS!='win'", { "sources": ["native/device/csb_device.cc"] }],
        ["OS=='linux'", {
          "dependencies": ["netmap_engine"],
          "cflags": ["-pthread"],
          "ldflags": ["-pthread", "-Wl,-Bsymbolic", "-Wl,--exclude-libs,ALL"]
        }, {
          "sources": [
            "native/device/no_engine.cc",
            "native/device/mapping.cc",
            "<!@(node -p \"require('node:fs').readdirSync('native/packet').filter((f) => f.endsWith('.cc')).map((f) => 'native/packet/' + f).join(' ')\")"
          ]
        }]
      ]
    }
  ],
  "conditions": [
    ["OS=='linux'", {
      "targets": [
        {
          # What addon and preload library have in common, compiled once.
          "target_name": "netmap_engine",
          "type": "static_library",
          "sources": [
            "<!@(node -p \"['native/engine/', 'native/packet/'].flatMap((d) => require('node:fs').readdirSync(d).filter((f) => f.endsWith('.cc')).map((f) => d + f)).join(' ')\")",
            "native/device/mapping.cc"
          ],
          "cflags": ["-O3", "-fPIC", "-fvisibility=hidden", "-U_FORTIFY_SOURCE", "-Wall", "-Wextra", "-pthread"],
          "cflags_cc": ["-std=c++17", "-fno-exceptions"],
          "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-std=c++20", "-fexceptions"],
          "ldflags!": ["-rdynamic"]
        },
        {
          "target_name": "node_netmap_preload",
          "type": "loadable_module",
          "dependencies": ["netmap_engine"],
          "sources": [
            "<!@(node -p \"require('node:fs').readdirSync('native/preload').filter((f) => f.endsWith('.cc')).map((f) => 'native/preload/' + f).join(' ')\")"
          ],
          "cflags": ["-O3", "-fPIC", "-fvisibility=hidden", "-ftls-model=initial-exec", "-U_FORTIFY_SOURCE", "-Wall", "-Wextra", "-pthread"],
          "cflags_cc": ["-std=c++17", "-fno-exceptions"],
          "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-std=c++20", "-fexceptions"],
          # Its C++ library is its own: it goes into programs that have another one, or none. What native/preload/runtime.cc
          # defines comes first, and fewer segments are fewer calls when a program is loaded.
          "ldflags": [
            "-pthread", "-static-libstdc++", "-static-libgcc", "-Wl,-Bsymbolic", "-Wl,-z,nodelete", "-Wl,-s",
            "-Wl,-z,muldefs", "-Wl,-z,noseparate-code", "-Wl,--gc-sections",
            "-Wl,--version-script=<(module_root_dir)/native/preload/exports.map"
          ],
          "ldflags!": ["-rdynamic"],
          "libraries": ["-ldl"]
        }
      ]
    }]
  ]
}
