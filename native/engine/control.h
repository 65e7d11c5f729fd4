// The control file of a folder: found or made, mapped, locked.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "layout.h"
#include "region.h"

namespace nm {

// One per folder and process, shared by its devices.
class Control {
 public:
  // Maps the folder's control file; makes folder and file when `create`. ENOENT when there is none and !create.
  static Status attach(bool create, std::shared_ptr<Control>* out);
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // The control lock. Fails with ESTALE when the file has been given up meanwhile (attach again), ETIMEDOUT when a
  // stopped process holds it.
  class Hold {
   public:
    explicit Hold(Control& control, int timeout_ms = kPatienceMs);
    const Status& status() const { return status_; }

   private:
    static constexpr int kPatienceMs = 900;
    RobustLock::Hold hold_;
    Status status_;
  };

  const std::string& folder() const { return folder_; }
  const Limits& limits() const { return limits_; }
  ControlHeader& header() const { return *reinterpret_cast<ControlHeader*>(base_); }

  // Records by index; the caller has checked it against the limits. Those below the marks are backed by memory.
  Descriptor& descriptor(uint32_t i) const;
  Adapter& adapter(uint32_t i) const;
  RegionRecord& region(uint32_t i) const;
  Switch& vale(uint32_t i) const;

  // Marks, read once and held within the limits.
  uint32_t descriptors() const;
  uint32_t adapters() const;
  uint32_t regions() const;
  uint32_t switches() const;

  // Reserves memory for a record before it is first touched: ENOSPC here instead of SIGBUS later.
  Status reserve_descriptor(uint32_t i);
  Status reserve_adapter(uint32_t i);
  Status reserve_region(uint32_t i);
  Status reserve_vale(uint32_t i);

  uint32_t next_serial();
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  // A region's file, and the link to its memory where that is foreign.
  std::string region_path(uint32_t index, uint32_t generation) const;
  std::string memory_path(uint32_t index, uint32_t generation) const;
  static RegionPlan plan_of(const RegionRecord& record);
  // The region's mapping in this process if there is one already; else null.
  std::shared_ptr<Region> mapped_region(uint32_t index);

  // The region's mapping in this process, shared by all that use it.
  Status map_region(uint32_t index, std::shared_ptr<Region>* out);

  // Takes the file out of the folder, if it still is in there; the lock is held.
  void give_up();

 private:
  Control(std::string folder, const Limits& limits, uint8_t* base, size_t size, int fd);
  static Status open_file(const std::string& folder, bool create, std::shared_ptr<Control>* out);
  static Status make_file(const std::string& folder);
  Status reserve(size_t offset, size_t size);

  std::string folder_;
  Limits limits_;
  uint8_t* base_;
  size_t size_;
  int fd_;
  std::mutex mutex_;  // of regions_
  std::vector<std::weak_ptr<Region>> regions_;
};

}  // namespace nm
