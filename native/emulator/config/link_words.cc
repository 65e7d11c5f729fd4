// The words that describe a link.
#include "../units.h"
#include "context.h"

namespace nm::emulator {
namespace {

constexpr Time kMostDelay = 3600 * kSecond;

// `a,b,c` in parts.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// jitter 5ms | 5ms,normal | 5ms,uniform,reorder
bool read_jitter(const Context& context, JitterSettings* jitter) {
  if (context.words->done()) return context.problem->set("a time is missing behind jitter", context.words->place());
  const std::vector<std::string> parts = parts_of(context.words->take());
  Problem why;
  if (!parse_time(parts[0], kMillisecond, kMostDelay, &jitter->amount, &why)) return context.bad(why.message);
  jitter->distribution = Distribution::kUniform;
  jitter->reorder = false;
  for (size_t i = 1; i < parts.size(); ++i) {
    static constexpr const char* kNames[] = {"uniform", "normal", "pareto", "exponential"};
    int found = 0;
    while (found < 4 && !same_word(parts[i], kNames[found])) ++found;
    if (found < 4) {
      jitter->distribution = static_cast<Distribution>(found);
    } else if (same_word(parts[i], "reorder")) {
      jitter->reorder = true;
    } else {
      return context.bad("'" + parts[i] + "' is unknown: uniform, normal, pareto, exponential, reorder");
    }
  }
  return true;
}

// reorder P | P,T
bool read_reorder(const Context& context, LinkSettings* link) {
  if (context.words->done()) {
    return context.problem->set("a probability is missing behind reorder", context.words->place());
  }
  const std::vector<std::string> parts = parts_of(context.words->take());
  Problem why;
  if (parts.size() > 2) return context.bad("write reorder P or reorder P,TIME");
  if (!parse_probability(parts[0], &link->reorder, &why)) return context.bad(why.message);
  link->hold = kMillisecond;
  if (parts.size() == 2 && !parse_time(parts[1], kMillisecond, kMostDelay, &link->hold, &why)) {
    return context.bad(why.message);
  }
  return true;
}

// length frame | frame+crc | wire | +N | -N
bool read_length(const Context& context, Overhead* overhead) {
  const std::string_view word = context.words->take();
  if (same_word(word, "frame")) {
    *overhead = {Overhead::Kind::kFrame, 0, 0};
  } else if (same_word(word, "frame+crc") || same_word(word, "crc")) {
    *overhead = {Overhead::Kind::kFrameCrc, 4, 60};
  } else if (same_word(word, "wire")) {
    *overhead = Overhead();
  } else if (word.size() > 1 && (word[0] == '+' || word[0] == '-')) {
    uint64_t bytes;
    Problem why;
    if (!parse_whole(word.substr(1), 0, 1000, &bytes, &why)) return context.bad(why.message);
    const auto added = static_cast<int32_t>(bytes);
    *overhead = {Overhead::Kind::kBytes, word[0] == '-' ? -added : added, 0};
  } else {
    return context.bad("length is frame, frame+crc, wire, or a number of bytes to be added: +18");
  }
  return true;
}

bool read_release(const Context& context, Release* release) {
  const std::string_view word = context.words->take();
  if (same_word(word, "end")) {
    *release = Release::kEnd;
  } else if (same_word(word, "start")) {
    *release = Release::kStart;
  } else if (same_word(word, "auto")) {
    *release = Release::kAuto;
  } else {
    return context.bad("release is end, start or auto");
  }
  return true;
}

bool read_file(const Context& context, std::string* name, std::string* contents) {
  if (context.words->done()) return context.problem->set("the name of a file is missing", context.words->place());
  *name = context.words->take();
  std::string why = "files cannot be read here";
  if (!*context.files || !(*context.files)(*name, contents, &why)) {
    return context.bad("'" + *name + "' cannot be read: " + why);
  }
  return true;
}

std::string in_file(const std::string& name, const Problem& problem) {
  return name + (problem.line ? ":" + std::to_string(problem.line) + ":" + std::to_string(problem.position + 1) : "") +
         ": " + problem.message;
}

bool read_profile(const Context& context, LinkSettings* link) {
  std::string contents;
  if (!read_file(context, &link->profile_file, &contents)) return false;
  Problem problem;
  link->profile = Profile::parse(contents, &problem);
  return link->profile || context.bad(in_file(link->profile_file, problem));
}

bool read_trace(const Context& context, LinkSettings* link) {
  std::string contents;
  if (!read_file(context, &link->trace_file, &contents)) return false;
  Problem problem;
  link->trace = Trace::parse(contents, &problem);
  return link->trace || context.bad(in_file(link->trace_file, problem));
}

}  // namespace

Got read_link_word(std::string_view word, const Context& context, LinkSettings* link) {
  if (same_word(word, "bw") || same_word(word, "bandwidth")) return got(take_bandwidth(context, &link->bandwidth));
  if (same_word(word, "delay")) return got(take_time(context, kMillisecond, kMostDelay, &link->delay));
  if (same_word(word, "burst")) return got(take_size(context, uint64_t{1} << 40, &link->burst));
  if (same_word(word, "profile")) return got(read_profile(context, link));
  if (same_word(word, "trace")) return got(read_trace(context, link));
  if (same_word(word, "jitter")) return got(read_jitter(context, &link->jitter));
  if (same_word(word, "reorder")) return got(read_reorder(context, link));
  if (same_word(word, "duplicate")) return got(take_probability(context, &link->duplicate));
  if (same_word(word, "corrupt")) return got(take_probability(context, &link->corrupt));
  if (same_word(word, "ber")) return got(take_probability(context, &link->bit_errors));
  if (same_word(word, "length")) return got(read_length(context, &link->overhead));
  if (same_word(word, "release")) return got(read_release(context, &link->release));
  if (same_word(word, "delay-limit")) return got(take_size(context, uint64_t{1} << 40, &link->delay_limit));
  if (same_word(word, "tick")) {
    if (!take_time(context, kMillisecond, kSecond, &link->tick)) return Got::kBad;
    return got(link->tick == 0 || link->tick >= kMicrosecond || context.bad("a tick takes 1 us at least"));
  }
  return Got::kNo;
}

}  // namespace nm::emulator
