// The extmem option: a region in memory that the program brings along.
//
// Other processes deliver into a region, so its memory must be a file that they can find. Memory that is a shared
// mapping of a file is used where it is, through a link in the engine's folder. Any other memory is the program's
// alone: then the region gets a file of its own, with what the memory held, and in the end that file is mapped in the
// memory's place.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

#include "../abi/option.h"
#include "address_space.h"
#include "directory.h"

namespace nm {

class Extmem {
 public:
  Extmem() = default;
  ~Extmem();
  Extmem(const Extmem&) = delete;
  Extmem& operator=(const Extmem&) = delete;

  // Looks at the option and at what lies at its address. EFAULT for memory that is not there, cannot be written, or
  // cannot be shared; ENOMEM for none.
  Status look(const nmreq_header* header);
  bool wanted() const { return option_ != nullptr; }
  // Finds the region that this memory is already, or makes it one. Needs the control lock.
  Status provide(Control& control, const PortName& name, uint16_t* mem_id);
  // After all has gone well: the region's file takes the place of the program's memory, and the option its answers.
  Status settle(const Control& control);

 private:
  Status look_behind(const std::vector<MappedPiece>& pieces);
  Status check_owner(const struct stat& file) const;
  uint32_t find(Control& control) const;
  Status make(Control& control, const PortName& name);
  Status back(Control& control, const RegionPlan& plan);
  Status fill(Control& control);

  nmreq_opt_extmem* option_ = nullptr;
  uint64_t begin_ = 0, size_ = 0;  // whole pages
  // Of a shared file.
  int file_ = -1;
  bool by_path_ = false;
  std::string path_;
  uint64_t device_ = 0, inode_ = 0, offset_ = 0;
  uint32_t page_ = kPageSize;

  uint32_t region_ = kNone;
  bool replace_ = false;
  nmreq_pools_info info_{};
  std::shared_ptr<Region> keeper_;  // of the mapping, until a port has it
};

// Puts links right that do not lead to their memory any more, of regions whose memory this process has.
void keep_memory_in_reach(Control& control);

}  // namespace nm
