// Memory for the extmem option, from what JavaScript can name: a file, or so many bytes. Addresses never leave this
// side.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "../device/mapping.h"

namespace nm {

class ExternalMemory {
 public:
  // A file, mapped as a whole. With `bytes` it is made, or made larger, where it is not so large yet; 0 takes it as it
  // is.
  static Status file(const std::string& path, uint64_t bytes, std::unique_ptr<ExternalMemory>* out);
  // Memory of its own, of huge pages if wanted. ENOMEM says how many of those are missing.
  static Status bytes(uint64_t bytes, bool huge_pages, std::unique_ptr<ExternalMemory>* out);
  ~ExternalMemory();
  ExternalMemory(const ExternalMemory&) = delete;
  ExternalMemory& operator=(const ExternalMemory&) = delete;

  const std::shared_ptr<Mapping>& mapping() const { return mapping_; }

 private:
  ExternalMemory(int fd, std::shared_ptr<Mapping> mapping) : fd_(fd), mapping_(std::move(mapping)) {}
  static Status map(int fd, uint64_t size, std::unique_ptr<ExternalMemory>* out);

  int fd_;  // open until the registration is over: the engine finds memory without a name by it
  std::shared_ptr<Mapping> mapping_;
};

}  // namespace nm
