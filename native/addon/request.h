// A control request put together from JavaScript values.
#pragma once

#include <napi.h>

#include <cstdint>
#include <vector>

#include "../abi/option.h"
#include "../abi/request.h"
#include "../device/mapping.h"

namespace nm {

// Works on copies: the device reads and writes bodies by the size that the ABI gives them, whatever JavaScript passed.
class Request {
 public:
  // control(type, name, body, options, version?, nameOut?). False leaves an exception pending. An extmem option means
  // the memory given here, whatever address it says.
  bool read(const Napi::CallbackInfo& info, const Mapping* memory);
  nmreq_header* header() { return &header_; }
  // Carries what the device wrote back to the arrays that JavaScript passed.
  void write_back();

 private:
  struct Block {
    uint8_t* target;  // JavaScript's bytes; no JavaScript runs between read() and write_back()
    size_t size;
    alignas(8) uint8_t bytes[kReqMaxSize];
  };
  bool add(Napi::Env env, Napi::Value value, const char* what, size_t minimum);

  nmreq_header header_ = {};
  uint8_t* name_target_ = nullptr;
  std::vector<Block> blocks_;
  nmreq_opt_extmem* extmem_ = nullptr;  // in one of them
};

}  // namespace nm
