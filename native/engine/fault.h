// Places where a process may die or be stopped, for the test that makes it so (native/test/fault_test.cc). In any other
// build they are nothing.
#pragma once

#include <cstdint>

namespace nm {

// One per step of each critical section, in the order of the code.
#define NM_FAULT_POINTS_OF_MONITORS(point)                                                                    \
  point(kMonitorMade) point(kMonitorLinked) point(kMonitorEnded) point(kMonitorCopying) point(kMonitorCopied) \
      point(kMonitorPublished) point(kMonitorSwapBegun) point(kMonitorSwapHalf) point(kMonitorSwapped)
#define NM_FAULT_POINTS_LIST(point)                                                                                  \
  point(kLockAnnounced) point(kLockTaken) point(kLockListed) point(kLockFull) point(kUnlocking) point(kUnlocked)     \
      point(kDoorMade) point(kDescriptorFilled) point(kDescriptorOpen) point(kRegionFile) point(kRegionRecorded)     \
          point(kRegionUsed) point(kSwitchNamed) point(kSwitchUsed) point(kAdapterNamed) point(kAdapterSwitched)     \
              point(kAdapterJoined) point(kAdapterKnown) point(kPipeHalf) point(kPipeLinked) point(kObjectTaken)     \
                  point(kObjectBacked) point(kRingFilled) point(kRingOn) point(kRingsMade) point(kInterfaceFilled)   \
                      point(kBindRanges) point(kBindAdapter) point(kBindListed) point(kBindBound)                    \
                          point(kSweepDescriptor) point(kUnbindListed) point(kUnbindFreed) point(kDropFreed)         \
                              point(kSweepRingStopped) point(kSweepRingFreed) point(kSweepSwitchLeft)                \
                                  point(kSweepAdapterFree) point(kSweepRegionUnused) point(kGiveUpEmpty)             \
                                      point(kGivenUp) point(kAttachSaid) point(kAttachListed) point(kDetachListed)   \
                                          point(kSyncChecked) point(kSyncDone) point(kValeDelivering)                \
                                              point(kValeCopied) point(kValePublished) point(kValeSent)              \
                                                  point(kPipeCarried) point(kPipeConsumed) point(kPipePublished)     \
                                                      point(kPipeReturned) point(kPipeReleased) point(kValeReleased) \
                                                          point(kBellSeen) point(kBellRung) point(kListening)        \
                                                              NM_FAULT_POINTS_OF_MONITORS(point)

#define NM_FAULT_NAME(name) name,
enum class FaultPoint : uint32_t { NM_FAULT_POINTS_LIST(NM_FAULT_NAME) kCount };
#undef NM_FAULT_NAME

#ifdef NM_FAULT_POINTS
void fault_point(FaultPoint point) noexcept;  // the test's
#define NM_FAULT(name) ::nm::fault_point(::nm::FaultPoint::name)
#else
#define NM_FAULT(name) static_cast<void>(0)
#endif

}  // namespace nm
