// The C that `tune` shows: compiled as a program has it, run, and every byte looked at.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "fake_machine.hpp"
#include "pipebench/model/axis_names.hpp"
#include "pipebench/model/reuse.hpp"
#include "pipebench/plan/axes.hpp"
#include "pipebench/report/recipe.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/page_sizes.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

// Each 8 bytes of the stream are their number. The last buffer is not full, and does not end a page.
constexpr std::string_view program = R"(
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>

static const size_t total = (3 << 20) + 1000;
static size_t sent, seen;

static unsigned char byte_at(size_t at) {
  uint64_t word = at / 8;
  return ((unsigned char *)&word)[at % 8];
}
size_t produce(char *buffer, size_t size) {
  size_t some = total - sent < size ? total - sent : size;
  for (size_t i = 0; i < some; i++) buffer[i] = (char)byte_at(sent + i);
  sent += some;
  return some;
}
void consume(const char *bytes, size_t size) {
  static unsigned calls;
  if (++calls % 5 == 0) usleep(200); /* a writer that does not wait for the reader shows */
  for (size_t i = 0; i < size; i++, seen++) {
    if ((unsigned char)bytes[i] == byte_at(seen)) continue;
    fprintf(stderr, "byte %zu is wrong\n", seen);
    _exit(2);
  }
}

static int try_case(const char *name, int (*send)(int), int (*receive)(int), int sees) {
  int ends[2], status = 0;
  if (pipe(ends) < 0) return 1;
  sent = seen = 0;
  pid_t child = fork();
  alarm(60);
  if (child == 0) {
    close(ends[0]);
    _exit(send(ends[1]) != 0 || sent != total ? 3 : 0);
  }
  close(ends[1]);
  int result = receive(ends[0]);
  close(ends[0]);
  waitpid(child, &status, 0);
  if (result == 0 && status == 0 && (!sees || seen == total)) return 0;
  fprintf(stderr, "%s: receive %d, status of the sender %d, %zu of %zu bytes\n", name, result, status, seen, total);
  return 1;
}

int main(void) {
  int failed = 0;
)";

struct Shape {
  std::uint64_t buffer_bytes;
  std::uint32_t buffers;
  std::uint64_t pipe_bytes;
  Pages pages;
};

/// One file of C with all functions that cases need, each once.
class Program {
 public:
  void add(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec) {
    const std::string send =
        function("send", [&](const std::string& name) { return writer_code(writer, spec, sizes_, name); });
    const std::string receive =
        function("receive", [&](const std::string& name) { return reader_code(reader, spec, sizes_, name); });
    calls_ += fmt::format("  failed += try_case(\"{}\", {}, {}, {});\n", command_for(spec), send, receive,
                          reader.sees_bytes ? 1 : 0);
    ++cases_;
  }
  [[nodiscard]] std::string text() const {
    return with_head(functions_) + std::string(program) + calls_ + "  return failed != 0;\n}\n";
  }
  [[nodiscard]] unsigned cases() const { return cases_; }

 private:
  std::string function(std::string_view what, const auto& make) {
    const auto [at, is_new] = names_.try_emplace(make("name"), fmt::format("{}_{}", what, names_.size()));
    if (is_new) functions_ += make(at->second) + '\n';
    return at->second;
  }
  PageSizes sizes_ = page_sizes_here();
  std::map<std::string, std::string> names_;  // by the text
  std::string functions_, calls_;
  unsigned cases_ = 0;
};

std::vector<CaseSpec> specs_of(const StrategyInfo& writer, const StrategyInfo& reader) {
  constexpr std::uint64_t kib = 1024;
  std::vector<CaseSpec> specs;
  for (const Shape& shape : {Shape{64 * kib, 2, 64 * kib, Pages::k4}, Shape{256 * kib, 4, 512 * kib, Pages::thp},
                             Shape{192 * kib, 3, 64 * kib, Pages::k4}, Shape{64 * kib, 1, 128 * kib, Pages::thp}}) {
    for (const Named<Wait>& wait : names<Wait>) {
      CaseSpec spec;
      spec.writer = writer.name;
      spec.reader = reader.name;
      spec.wait = wait.value;
      spec.pages = shape.pages;
      spec.buffer_bytes = shape.buffer_bytes;
      spec.buffers = shape.buffers;
      spec.pipe_bytes = shape.pipe_bytes;
      const bool is_safe = rule_of_reuse(writer, reader, spec, Purpose::measure, page_sizes_here()).safe;
      if (is_safe && why_no_code(writer, reader, spec).empty()) specs.push_back(spec);
    }
  }
  return specs;
}

TEST(Recipes, SendEveryByteAsProgramsOfTheirOwn) {
  if (std::system("command -v cc > /dev/null") != 0) GTEST_SKIP() << "There is no C compiler (cc) here.";
  const Catalog catalog = probe_catalog();
  Program all;
  for (const StrategyInfo& writer : catalog.writers) {
    for (const StrategyInfo& reader : catalog.readers) {
      if (!writer.unavailable.empty() || !reader.unavailable.empty()) continue;
      for (const CaseSpec& spec : specs_of(writer, reader)) all.add(writer, reader, spec);
    }
  }
  ASSERT_GT(all.cases(), 0U);
  const TemporaryDirectory directory;
  const std::string source = directory.write("recipes.c", all.text());
  const std::string binary = (directory.path() / "recipes").string();
  ASSERT_EQ(std::system(fmt::format("cc -std=c11 -Wall -Wextra -Werror -O1 -o {} {}", binary, source).c_str()), 0);
  EXPECT_EQ(std::system(binary.c_str()), 0) << "of " << all.cases() << " cases";
}

// One file of all pairs would have each header that any of them includes.
TEST(Recipes, OfEachPairCompileAlone) {
  if (std::system("command -v cc > /dev/null") != 0) GTEST_SKIP() << "There is no C compiler (cc) here.";
  const Catalog catalog = whole_catalog();
  const TemporaryDirectory directory;
  for (const StrategyInfo& writer : catalog.writers) {
    for (const StrategyInfo& reader : catalog.readers) {
      const std::vector<CaseSpec> specs = specs_of(writer, reader);
      if (specs.empty()) continue;
      const PageSizes sizes = page_sizes_here();
      const std::string source =
          directory.write("pair.c", with_head(writer_code(writer, specs[0], sizes, "send_all") +
                                              reader_code(reader, specs[0], sizes, "receive_all")));
      const std::string command = fmt::format("cc -std=c11 -Wall -Wextra -Werror -fsyntax-only {}", source);
      EXPECT_EQ(std::system(command.c_str()), 0) << writer.name << '-' << reader.name;
    }
  }
}

// A list of its own, as values are written differently; so nothing may be forgotten.
TEST(Recipes, AreMeasuredAgainWithEveryOptionThatVaries) {
  const Catalog catalog = whole_catalog();
  const Machine machine = fake_machine();
  const PlanContext context{.catalog = catalog, .machine = machine};
  const std::map<std::string_view, std::string> values{{axis_names::cpus, "0,4"},
                                                       {axis_names::exec, "cat"},
                                                       {axis_names::buffer_size, "8K"},
                                                       {axis_names::pipe_size, "8K"},
                                                       {axis_names::message, "64"}};
  for (const Axis& axis : axes()) {
    CaseSpec spec;
    spec.pipe_bytes = 65536;
    const auto value = values.find(axis.name);
    axis.apply(spec,
               value != values.end()     ? value->second
               : axis.choices != nullptr ? std::string(axis.choices(catalog).back().name)
                                         : "2",
               context);
    EXPECT_TRUE(holds(command_for(spec), fmt::format(" --{}", axis.name)));
  }
}

TEST(Recipes, NameWhatTheyNeedAndNothingElse) {
  const Catalog catalog = whole_catalog();
  const auto& write = *std::ranges::find(catalog.writers, "write", &StrategyInfo::name);
  const auto& read = *std::ranges::find(catalog.readers, "read", &StrategyInfo::name);
  CaseSpec spec;
  spec.buffer_bytes = 65536;
  spec.buffers = 1;
  spec.pipe_bytes = 1 << 20;
  const std::string code = with_head(writer_code(write, spec, {}) + reader_code(read, spec, {}));
  EXPECT_NE(code.find("enum { SIZE = 65536, PIPE = 1048576 };"), std::string::npos) << code;
  EXPECT_EQ(code.find("poll"), std::string::npos) << code;
  EXPECT_EQ(code.find("NONBLOCK"), std::string::npos) << code;
  spec.wait = Wait::poll;
  EXPECT_NE(writer_code(write, spec, {}).find("poll(&(struct pollfd){out, POLLOUT, 0}, 1, -1)"), std::string::npos);
}

TEST(Recipes, AreThereForCasesOfOnePipeAndOrdinaryMemory) {
  const Catalog catalog = whole_catalog();
  const auto info = [](const auto& infos, std::string_view name) {
    return *std::ranges::find(infos, name, &StrategyInfo::name);
  };
  const StrategyInfo vmsplice = info(catalog.writers, "vmsplice"), read = info(catalog.readers, "read");
  CaseSpec spec;
  EXPECT_EQ(why_no_code(vmsplice, read, spec), "");
  spec.message_bytes = 64;
  EXPECT_NE(why_no_code(vmsplice, read, spec), "") << "answers come back through another pipe";
  spec = {};
  EXPECT_NE(why_no_code(info(catalog.writers, "recycle"), read, spec), "");
  spec.wait = Wait::credit;
  EXPECT_NE(why_no_code(vmsplice, read, spec), "");
  spec = {};
  spec.pages = Pages::m2;
  EXPECT_NE(why_no_code(vmsplice, read, spec), "");
  spec = {};
  spec.stripe = 2;
  EXPECT_NE(why_no_code(vmsplice, read, spec), "");
}

}  // namespace
}  // namespace pipebench
