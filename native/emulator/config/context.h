// What the readers of configuration words have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../settings.h"
#include "words.h"

namespace nm::emulator {

// Gets the contents of a file that a command names. On failure: false, and why.
using FileReader = std::function<bool(const std::string& path, std::string* contents, std::string* why)>;

struct Context {
  Words* words;
  Problem* problem;
  std::vector<std::string>* notes;  // what was taken otherwise than it was written
  const FileReader* files;

  // What a reader of a value says: the problem is with the word that was taken last.
  bool bad(const std::string& message) const { return problem->set(message, words->last_place()); }
  void note(std::string text) const { notes->push_back(std::move(text)); }
};

// Whether a word was one of a reader's.
enum class Got { kNo, kYes, kBad };
inline Got got(bool good) {
  return good ? Got::kYes : Got::kBad;
}

Got read_link_word(std::string_view word, const Context& context, LinkSettings* link);
Got read_queue_word(std::string_view word, const Context& context, QueueSettings* queue);
Got read_share_word(std::string_view word, const Context& context, QueueSettings* queue);
// Behind `mask`.
bool read_mask(const Context& context, FlowKey* mask);
bool read_buckets(const Context& context, uint32_t* buckets);
// Behind `codel` or `pie`, behind `type fq_codel` or `type fq_pie`: all words up to the end.
bool read_codel(const Context& context, CodelSettings* codel);
bool read_pie(const Context& context, PieSettings* pie);
bool read_fair(const Context& context, bool pie, FairSettings* fair);
// The name of a type of scheduler. False: there is none of this name.
bool find_type(std::string_view name, SchedulerType* type);
const char* name_of(SchedulerType type);

// Values, taken off the words.
bool take_time(const Context& context, Time unit, Time most, Time* out);
bool take_size(const Context& context, uint64_t most, uint64_t* out, bool* bytes = nullptr);
bool take_bandwidth(const Context& context, uint64_t* out);
bool take_whole(const Context& context, uint64_t least, uint64_t most, uint64_t* out);
bool take_probability(const Context& context, double* out);
bool take_real(const Context& context, double least, double most, double* out);

}  // namespace nm::emulator
