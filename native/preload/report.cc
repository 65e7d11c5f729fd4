#include "report.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace nm {

void report(const Status& s) {
  const char* verbose = std::getenv("NODE_NETMAP_VERBOSE");
  if (!verbose || !*verbose || s.ok()) return;
  const std::string line = "node-netmap: " + std::string(s.call) + ": " + std::strerror(s.err) +
                           (s.detail.empty() ? "" : ": ") + s.detail + "\n";
  (void)!write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace nm
