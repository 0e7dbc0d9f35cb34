#include "app/command_line.hpp"

#include <gtest/gtest.h>

#include <set>

#include "app/text.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

using Arguments = std::vector<std::string>;

std::string refused(const Arguments& arguments) {
  return refusal([&] { (void)parse_command_line(arguments); });
}

/// The texts of one option, joined by blanks.
std::string given(const Arguments& arguments, const std::string& option) {
  const Invocation invocation = parse_command_line(arguments);
  std::string texts;
  for (const Setting& setting : invocation.options.at(option)) texts += (texts.empty() ? "" : " ") + setting.text;
  return texts;
}

TEST(Command, IsTheFirstWordOrRun) {
  EXPECT_EQ(parse_command_line({}).command->name, "run");
  EXPECT_EQ(parse_command_line({"run"}).command->name, "run");
  EXPECT_EQ(parse_command_line({"list"}).command->name, "list");
  EXPECT_EQ(parse_command_line({"--writer", "write"}).command->name, "run");
  EXPECT_TRUE(parse_command_line({}).options.empty());
}

TEST(Command, ThatIsUnknownGetsTheNearest) {
  EXPECT_TRUE(holds(refused({"lsit"}), "unknown command 'lsit'; did you mean 'list'?"));
  EXPECT_TRUE(holds(refused({"teleport"}), "Known: run, profile, tune, gup, list"));
  EXPECT_TRUE(holds(refused({""}), "unknown command"));
  EXPECT_TRUE(holds(refused({"ru"}), "unknown command 'ru'"));  // no prefixes here either
}

TEST(CommandLine, TakesAValueBesideOrBehindTheSign) {
  EXPECT_EQ(given({"--writer", "write"}, "writer"), "write");
  EXPECT_EQ(given({"--writer=write"}, "writer"), "write");
  EXPECT_EQ(given({"run", "--writer=write,null"}, "writer"), "write,null");
  EXPECT_EQ(given({"--config=a=b.ini"}, "config"), "a=b.ini");
  EXPECT_EQ(parse_command_line({"--seed", "3"}).options.at("seed").at(0).origin, "--seed");
}

TEST(CommandLine, GuessesNoPrefixes) {
  for (const char* option : {"--write", "--wri", "--buffer", "--buffer-siz", "--dry"}) {
    EXPECT_TRUE(holds(refused({option, "4K"}), "Unknown option '" + std::string(option) + "'")) << option;
  }
  EXPECT_EQ(given({"--buffers", "4"}, "buffers"), "4");  // itself a prefix of none, begun by buffer
}

TEST(CommandLine, HasOneCase) { EXPECT_TRUE(holds(refused({"--Writer", "write"}), "Did you mean '--writer'?")); }

TEST(CommandLine, SuggestsTheNearestOption) {
  EXPECT_TRUE(
      holds(refused({"--wirter", "write"}), "Unknown option '--wirter' of `pipebench run`. Did you mean '--writer'?"));
  EXPECT_TRUE(holds(refused({"--bufer-size=4K"}), "Did you mean '--buffer-size'?"));
  EXPECT_TRUE(holds(refused({"-writer", "write"}), "Did you mean '--writer'?"));
  EXPECT_TRUE(holds(refused({"-x"}), "Unknown option '-x'"));
  EXPECT_FALSE(holds(refused({"-x"}), "A file")) << "run takes none";
  EXPECT_TRUE(
      holds(refused({"compare", "c.json", "-x.json"}), "A file of that name is given as './-x.json', or after '--'."));
  EXPECT_TRUE(holds(refused({"list", "--writer", "write"}), "of `pipebench list`"));
  const std::string far = refused({"--qwertyuiop"});
  EXPECT_TRUE(holds(far, "Unknown option '--qwertyuiop'"));
  EXPECT_FALSE(holds(far, "Did you mean"));
}

TEST(CommandLine, RefusesStrayArguments) {
  EXPECT_TRUE(holds(refused({"run", "write"}), "unexpected argument 'write'"));
  EXPECT_TRUE(holds(refused({"--writer", "write", "read"}), "unexpected argument 'read'"));
  EXPECT_TRUE(holds(refused({"list", "writers"}), "`pipebench list` takes options alone"));
  EXPECT_TRUE(holds(refused({"--", "x"}), "unexpected argument 'x'"));
  EXPECT_TRUE(holds(refused({"--cpus", "0", "1"}), "unexpected argument '1'"));
  EXPECT_NE(refused({"run", ""}), "accepted");
}

TEST(CommandLine, SaysThatAValueIsMissing) {
  EXPECT_TRUE(holds(refused({"--writer"}), "--writer needs a value"));
  EXPECT_TRUE(holds(refused({"--writer="}), "--writer"));
  EXPECT_TRUE(holds(refused({"--writer", "--reader", "read"}), "--writer needs a value, but '--reader' follows"));
  EXPECT_EQ(given({"--seed", "-1"}, "seed"), "-1");  // for the number's own error
  EXPECT_EQ(given({"--config=--odd.ini"}, "config"), "--odd.ini");
}

TEST(CommandLine, TakesAnOptionOnce) {
  const std::string text = refused({"--writer", "write", "--writer", "null"});
  EXPECT_TRUE(holds(text, "--writer is given twice"));
  EXPECT_TRUE(holds(text, "comma list"));
  EXPECT_TRUE(holds(refused({"--seed", "1", "--seed=1"}), "--seed is given twice"));
  EXPECT_TRUE(holds(refused({"--gift", "--gift"}), "--gift is given twice"));
  EXPECT_TRUE(holds(refused({"-q", "--quiet"}), "--quiet is given twice"));
}

TEST(CommandLine, TakesARepeatableOptionAgain) {
  EXPECT_EQ(given({"--cpus", "0,1", "--cpus", "1,0"}, "cpus"), "0,1 1,0");
  EXPECT_EQ(given({"--output", "a.json", "--output=b.csv"}, "output"), "a.json b.csv");
  EXPECT_EQ(given({"--config", "a", "--config", "b"}, "config"), "a b");
  EXPECT_EQ(given({"--section", "a", "--section", "b"}, "section"), "a b");
}

TEST(CommandLine, TakesAFlagForOn) {
  EXPECT_EQ(given({"--gift"}, "gift"), "on");
  EXPECT_EQ(given({"--gift", "--lock"}, "gift"), "on");
  EXPECT_EQ(given({"--gift=off"}, "gift"), "off");
  EXPECT_EQ(given({"--gift=off,on"}, "gift"), "off,on");
  EXPECT_EQ(given({"-q"}, "quiet"), "on");
  EXPECT_EQ(given({"-v"}, "verbose"), "on");
  EXPECT_EQ(given({"-h"}, "help"), "on");
  EXPECT_EQ(given({"list", "--help"}, "help"), "on");
}

TEST(Options, HaveNamesOfTheirOwn) {
  for (const Command* command : all_commands()) {
    std::set<std::string> names;
    for (const Option& option : command->options()) EXPECT_TRUE(names.insert(option.name).second) << option.name;
  }
}

TEST(Settings, AreReadFromTheirOptions) {
  const auto settings = [](const Arguments& arguments) { return settings_of(parse_command_line(arguments).options); };
  const RunSettings plain = settings({});
  EXPECT_FALSE(plain.seed.has_value());
  EXPECT_FALSE(plain.baseline.has_value());
  EXPECT_EQ(plain.order, Order::shuffled);
  EXPECT_EQ(plain.format, "table");
  EXPECT_FALSE(plain.dry_run);
  const RunSettings set =
      settings({"--seed", "7", "--order", "sequential", "--format", "csv", "--dry-run", "--color=never", "-q"});
  EXPECT_EQ(set.seed, 7U);
  EXPECT_EQ(settings({"--baseline", "write-read"}).baseline->text, "write-read");
  EXPECT_EQ(set.order, Order::sequential);
  EXPECT_EQ(set.format, "csv");
  EXPECT_TRUE(set.dry_run);
  EXPECT_EQ(set.color, When::never);
  EXPECT_TRUE(set.quiet);
  EXPECT_FALSE(settings({"--dry-run=off"}).dry_run);
}

TEST(Settings, RefuseBadValues) {
  const auto refused_settings = [](const Arguments& arguments) {
    return refusal([&] { (void)settings_of(parse_command_line(arguments).options); });
  };
  EXPECT_TRUE(holds(refused_settings({"--seed", "-1"}), "--seed: '-1'"));
  EXPECT_TRUE(holds(refused_settings({"--seed", "9007199254740992"}), "9007199254740991"));
  EXPECT_TRUE(holds(refused_settings({"--format", "jason"}), "did you mean 'json'?"));
  EXPECT_TRUE(holds(refused_settings({"--order", "random"}), "--order"));
  EXPECT_TRUE(holds(refused_settings({"--color", "yes"}), "--color"));
  EXPECT_TRUE(holds(refused_settings({"--dry-run=maybe"}), "--dry-run"));
  EXPECT_TRUE(holds(refused_settings({"-q", "-v"}), "cannot be combined"));
}

TEST(SamplingOptions, RefuseWhatCannotBeMeasured) {
  const auto refused_sampling = [](const Arguments& arguments) {
    return refusal([&] { (void)sampling_of(parse_command_line(arguments).options); });
  };
  EXPECT_TRUE(holds(refused_sampling({"--time", "1s", "--bytes", "4K"}), "cannot be combined"));
  for (const char* option : {"--time", "--bytes", "--rounds", "--timeout", "--warmup", "--counters", "--strict"}) {
    for (const char* text : {"-1", "x", "1e99999", "99999999999999999999999999"}) {
      EXPECT_TRUE(holds(refused_sampling({std::string(option) + "=" + text}), option)) << text;
    }
  }
  for (const char* option : {"--time", "--bytes", "--rounds", "--timeout"}) {
    EXPECT_TRUE(holds(refused_sampling({option, "0"}), option)) << option;
  }
  EXPECT_EQ(sampling_of(parse_command_line({"--warmup", "0"}).options).warmup_seconds, 0);
}

// ---------------------------------------------------------------------------------------------- operands

/// A command that takes two files or three.
const Command comparing{.name = "compare-files",
                        .summary = "takes files",
                        .options = run_options,
                        .operands = {.name = "FILE", .least = 2, .most = 3},
                        .run = nullptr};

TEST(Operands, AreTheArgumentsWithoutAName) {
  const Invocation invocation = parse_arguments(comparing, {"a.json", "--format", "json", "b.json"});
  EXPECT_EQ(invocation.operands, (Arguments{"a.json", "b.json"}));
  EXPECT_EQ(invocation.options.at("format").at(0).text, "json");
}

TEST(Operands, MayBeginWithADashAfterTwoDashes) {
  EXPECT_EQ(parse_arguments(comparing, {"a.json", "--", "-b.json", "--c.json"}).operands,
            (Arguments{"a.json", "-b.json", "--c.json"}));
}

TEST(Operands, AreCounted) {
  const auto refused = [](const Arguments& arguments) {
    return refusal([&] { (void)parse_arguments(comparing, arguments); });
  };
  EXPECT_EQ(refused({"a"}),
            "`pipebench compare-files` takes at least 2 FILEs, but got 1. See `pipebench compare-files --help`.");
  EXPECT_EQ(refused({"a", "b", "c", "d"}),
            "`pipebench compare-files` takes at most 3 FILEs, but got 4. See `pipebench compare-files --help`.");
  EXPECT_EQ(refused({"--help"}), "accepted") << "whoever asks for help need not know what to give";
}

TEST(Operands, AreRefusedByCommandsThatTakeNone) {
  EXPECT_TRUE(holds(refused({"list", "--", "-x"}), "unexpected argument '-x'"));
}

TEST(Completion, KnowsTheOptionsOfEveryCommand) {
  for (const std::string& text : {bash_completion(), zsh_completion(), fish_completion()}) {
    for (const Command* command : all_commands()) {
      EXPECT_TRUE(holds(text, command->name));
      for (const Option& option : command->options()) EXPECT_TRUE(holds(text, option.name));
    }
  }
  // --topology twice: of `run`, and of the command that is called so.
  const std::string man = man_page();
  EXPECT_NE(man.find("\\-\\-topology"), man.rfind("\\-\\-topology"));
}

}  // namespace
}  // namespace pipebench
