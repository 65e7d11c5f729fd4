// Writes JSON, field by field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nm::emulator {

class Json {
 public:
  Json& open(char bracket) {
    comma();
    text_ += bracket;
    fresh_ = true;
    return *this;
  }
  Json& close(char bracket) {
    text_ += bracket;
    fresh_ = false;
    return *this;
  }
  Json& key(std::string_view name) {
    comma();
    quote(name);
    text_ += ':';
    fresh_ = true;
    return *this;
  }
  template <typename Number>
  Json& number(Number n) {
    comma();
    text_ += std::to_string(n);
    return *this;
  }
  Json& string(std::string_view s) {
    comma();
    quote(s);
    return *this;
  }
  Json& boolean(bool b) {
    comma();
    text_ += b ? "true" : "false";
    return *this;
  }
  template <typename Number>
  Json& field(std::string_view name, Number n) {
    return key(name).number(n);
  }
  Json& field(std::string_view name, std::string_view s) { return key(name).string(s); }
  Json& field(std::string_view name, const std::string& s) { return key(name).string(s); }
  Json& field(std::string_view name, const char* s) { return key(name).string(s); }
  Json& flag(std::string_view name, bool b) { return key(name).boolean(b); }
  // A value that is JSON already.
  Json& raw(std::string_view json) {
    comma();
    text_ += json;
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  void comma() {
    if (!fresh_) text_ += ',';
    fresh_ = false;
  }
  void quote(std::string_view s) {
    static constexpr char kHex[] = "0123456789abcdef";
    text_ += '"';
    for (const char c : s) {
      if (c == '"' || c == '\\') {
        text_ += '\\';
        text_ += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        text_ += "\\u00";
        text_ += kHex[(c >> 4) & 15];
        text_ += kHex[c & 15];
      } else {
        text_ += c;
      }
    }
    text_ += '"';
  }

  std::string text_;
  bool fresh_ = true;
};

}  // namespace nm::emulator
