#include "pipebench/report/recipe.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/base/rounding.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/axis_names.hpp"

namespace pipebench {
namespace {

/// Lines, indented by how many blocks are open.
class Code {
 public:
  void add(std::string_view lines) {
    if (lines.empty()) return;
    if (lines.ends_with('\n')) lines.remove_suffix(1);
    for (const std::string& line : split_lines(lines)) {
      if (line.starts_with('}')) indent_ -= 2;
      text_ += fmt::format("{}{}\n", std::string(indent_, ' '), line);
      if (line.ends_with('{')) indent_ += 2;
    }
  }
  [[nodiscard]] bool mentions(std::string_view word) const {
    const auto is_part = [](char c) { return c == '_' || (c >= 'A' && c <= 'Z'); };
    for (std::size_t at = text_.find(word); at != std::string::npos; at = text_.find(word, at + 1)) {
      if (!is_part(text_[at - 1]) && !is_part(text_[at + word.size()])) return true;  // lines begin and end with others
    }
    return false;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  // With the blanks at their beginnings.
  static std::vector<std::string> split_lines(std::string_view lines) {
    std::vector<std::string> all(1);
    for (const char c : lines) {
      if (c == '\n') {
        all.emplace_back();
      } else {
        all.back() += c;
      }
    }
    return all;
  }

  std::size_t indent_ = 2;
  std::string text_;
};

std::string number(std::uint64_t value) {
  return fmt::format("{}{}", value, value > std::numeric_limits<int>::max() ? "UL" : "");
}

std::uint64_t alignment(const CaseSpec& spec, const PageSizes& sizes) {
  return spec.pages == Pages::thp ? sizes.thp : sizes.base;
}

std::string_view advice(const CaseSpec& spec) { return spec.pages == Pages::thp ? "MADV_HUGEPAGE" : "MADV_NOHUGEPAGE"; }

// The constants that the code mentions.
std::string constants(const Code& code, const CaseSpec& spec, std::uint64_t count, const PageSizes& sizes) {
  const std::array<std::pair<std::string_view, std::string>, 7> all{{
      {"SIZE", number(spec.buffer_bytes)},
      {"COUNT", number(count)},
      {"PIPE", number(*spec.pipe_bytes)},
      {"PAGE", number(sizes.base)},
      {"ALIGN", number(alignment(spec, sizes))},
      {"ADVICE", std::string(advice(spec))},
      {"FLAGS", spec.wait == Wait::block ? "0" : "SPLICE_F_NONBLOCK"},
  }};
  std::vector<std::string> used;
  for (const auto& [name, value] : all) {
    if (code.mentions(name)) used.push_back(fmt::format("{} = {}", name, value));
  }
  return fmt::format("  enum {{ {} }};\n", fmt::join(used, ", "));
}

void add_memory(Code& code, const CaseSpec& spec, std::uint64_t count, bool in_file, const PageSizes& sizes) {
  const std::uint64_t bytes = round_up(spec.buffer_bytes * count, alignment(spec, sizes));
  if (in_file) {
    code.add(
        fmt::format("int file = memfd_create(\"buffers\", MFD_CLOEXEC);\n"
                    "if (file < 0 || ftruncate(file, {0}) < 0) return -1;\n"
                    "char *memory = mmap(NULL, {0}, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);\n"
                    "if (memory == MAP_FAILED) return -1;",
                    number(bytes)));
  } else {
    code.add(
        fmt::format("char *memory = aligned_alloc({}, {});\n"
                    "if (memory == NULL) return -1;",
                    number(alignment(spec, sizes)), number(bytes)));
  }
  code.add(fmt::format("madvise(memory, {}, {});", number(bytes), advice(spec)));
}

void add_no_block(Code& code, const CaseSpec& spec, std::string_view pipe) {
  if (spec.wait != Wait::block)
    code.add(fmt::format("if (fcntl({0}, F_SETFL, fcntl({0}, F_GETFL) | O_NONBLOCK) < 0) return -1;", pipe));
}

// What follows a transfer that moved nothing.
void add_wait(Code& code, const CaseSpec& spec, std::string_view pipe, std::string_view event) {
  if (spec.wait == Wait::block) return code.add("if (n < 0 && errno != EINTR) return -1;\nif (n < 0) continue;");
  code.add("if (n < 0 && errno != EAGAIN && errno != EINTR) return -1;");
  if (spec.wait == Wait::busy) return code.add("if (n < 0) continue;");
  code.add("if (n < 0) {");
  const bool sleeps = spec.wait == Wait::poll;
  code.add(fmt::format("{}poll(&(struct pollfd){{{}, {}, 0}}, 1, {};", sleeps ? "" : "while (", pipe, event,
                       sleeps ? "-1)" : "0) == 0) continue"));
  code.add("continue;\n}");
}

constexpr std::string_view rule_of_buffers =
    "  /* The pipe refers to these pages: fill all of a buffer, but for the last one, and do not write to them once "
    "more "
    "until the reader has everything. */\n";

}  // namespace

std::string why_no_code(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec) {
  for (const StrategyInfo* info : {&writer, &reader}) {
    if (!info->recipe.exists())
      return fmt::format("{} {} takes more than a few lines of C.", info->role == Role::writer ? "Writer" : "Reader",
                         info->name);
  }
  if (spec.is_ping_pong()) return "Messages that are answered take two pipes, and more than a few lines of C.";
  if (spec.wait == Wait::credit) return "--wait credit needs counters in memory that both ends share.";
  if (spec.pages != Pages::k4 && spec.pages != Pages::thp)
    return fmt::format("Pages of the kind {} have to be reserved or received first.", name_of(spec.pages));
  if (spec.stripe > 1 || spec.shares_pipes())
    return "Several pipes in turn, and several threads at one pipe, take more than a few lines of C.";
  return {};
}

std::string writer_code(const StrategyInfo& writer, const CaseSpec& spec, const PageSizes& sizes,
                        std::string_view name) {
  const Recipe& recipe = writer.recipe;
  Code code;
  code.add("if (fcntl(out, F_SETPIPE_SZ, PIPE) < 0) return -1;");
  add_no_block(code, spec, "out");
  add_memory(code, spec, spec.buffers, recipe.in_file, sizes);
  code.add(recipe.setup);
  code.add(spec.buffers > 1 ? "for (size_t turn = 0;; turn++) {\nchar *at = memory + turn % COUNT * SIZE;"
                            : "for (;;) {\nchar *at = memory;");
  code.add(recipe.renew);
  code.add("size_t left = produce(at, SIZE);\nif (left == 0) return 0;\nwhile (left > 0) {");
  code.add(recipe.prepare);
  code.add(fmt::format("ssize_t n = {};", recipe.transfer));
  add_wait(code, spec, "out", "POLLOUT");
  code.add(recipe.after);
  code.add("at += n;\nleft -= (size_t)n;\n}\n}");
  return fmt::format("int {}(int out) {{\n{}{}{}}}\n", name, writer.reuse == Reuse::after_pipe ? rule_of_buffers : "",
                     constants(code, spec, spec.buffers, sizes), code.text());
}

std::string reader_code(const StrategyInfo& reader, const CaseSpec& spec, const PageSizes& sizes,
                        std::string_view name) {
  const Recipe& recipe = reader.recipe;
  Code code;
  add_no_block(code, spec, "in");
  if (reader.sees_bytes) add_memory(code, spec, 1, recipe.in_file, sizes);
  code.add(recipe.setup);
  code.add("for (;;) {");
  code.add(recipe.prepare);
  code.add(fmt::format("ssize_t n = {};\nif (n == 0) return 0;", recipe.transfer));
  add_wait(code, spec, "in", "POLLIN");
  code.add(recipe.after);
  if (reader.sees_bytes) code.add("consume(memory, (size_t)n);");
  code.add("}");
  return fmt::format("int {}(int in) {{\n{}{}}}\n", name, constants(code, spec, 1, sizes), code.text());
}

std::string with_head(std::string_view functions) {
  // By a word of what each declares; all need the others.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> headers{{
      {"errno", "errno.h"},
      {"fcntl", "fcntl.h"},
      {"poll(", "poll.h"},
      {"aligned_alloc", "stdlib.h"},
      {"memcpy", "string.h"},
      {"madvise", "sys/mman.h"},
      {"sendfile", "sys/sendfile.h"},
      {"loff_t", "sys/types.h"},
      {"iovec", "sys/uio.h"},
      {"", "unistd.h"},
  }};
  std::string text = "#define _GNU_SOURCE\n";
  for (const auto& [word, header] : headers) {
    if (functions.find(word) != std::string_view::npos) text += fmt::format("#include <{}>\n", header);
  }
  text +=
      "\nsize_t produce(char *buffer, size_t size); /* fills it; returns how many bytes, 0 when there are no more */\n";
  if (functions.find("consume(") != std::string_view::npos) text += "void consume(const char *bytes, size_t size);\n";
  return text + '\n' + std::string(functions);
}

std::string command_for(const CaseSpec& spec) {
  const CaseSpec usual;
  std::string command = "pipebench";
  const auto add = [&](std::string_view option, const auto& value) {
    command += fmt::format(" --{} {}", option, value);
  };
  const auto add_unless = [&](bool is_usual, std::string_view option, const auto& value) {
    if (!is_usual) add(option, value);
  };
  const auto add_flag = [&](bool is_on, std::string_view option) {
    command += is_on ? fmt::format(" --{}", option) : "";
  };
  add(axis_names::writer, spec.writer);
  add(axis_names::reader, spec.reader);
  add(axis_names::wait, name_of(spec.wait));
  add(axis_names::pages, name_of(spec.pages));
  add_unless(spec.is_ping_pong(), axis_names::buffer_size, format_size(spec.buffer_bytes));  // which is the message
  add(axis_names::buffers, spec.buffers);
  add(axis_names::pipe_size, format_size(*spec.pipe_bytes));
  const Placement& place = spec.placement;
  add(axis_names::cpus,
      place.writer_cpu && place.reader_cpu ? fmt::format("{},{}", *place.writer_cpu, *place.reader_cpu) : "any");
  add_unless(spec.streams == usual.streams, axis_names::streams, spec.streams);
  add_unless(spec.stripe == usual.stripe, axis_names::stripe, spec.stripe);
  add_unless(spec.membind == usual.membind, axis_names::membind, membind_text(spec));
  add_unless(spec.payload == usual.payload, axis_names::payload, name_of(spec.payload));
  add_unless(spec.consume == usual.consume, axis_names::consume, name_of(spec.consume));
  add_flag(spec.gift, axis_names::gift);
  add_flag(spec.contiguous, axis_names::contiguous);
  add_flag(spec.no_touch, axis_names::no_touch);
  add_flag(spec.lock, axis_names::lock);
  add_unless(spec.isolation == usual.isolation, axis_names::isolation, name_of(spec.isolation));
  add_unless(spec.writer_threads == usual.writer_threads, axis_names::writer_threads, spec.writer_threads);
  add_unless(spec.reader_threads == usual.reader_threads, axis_names::reader_threads, spec.reader_threads);
  add_unless(spec.exec.empty(), axis_names::exec, shell_quoted(spec.exec));
  add_unless(spec.depth == usual.depth, axis_names::depth, spec.depth);
  add_flag(spec.sqpoll, axis_names::sqpoll);
  add_flag(spec.registered, axis_names::registered);
  add_flag(spec.latency, axis_names::latency);
  if (spec.is_ping_pong()) add(axis_names::message, format_size(*spec.message_bytes));
  return command;
}

}  // namespace pipebench
