#include "pipebench/base/units.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "refusal.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

std::string size_refusal(std::string_view text) {
  return refusal([&] { (void)parse_size(text, "--buffer-size"); });
}
std::string duration_refusal(std::string_view text, bool zero_ok = false) {
  return refusal([&] { (void)parse_duration(text, "--time", zero_ok); });
}
std::string count_refusal(std::string_view text, std::uint64_t low, std::uint64_t high) {
  return refusal([&] { (void)parse_count(text, "--rounds", low, high); });
}

TEST(ParseSize, ReadsEverySuffix) {
  EXPECT_EQ(parse_size("4096", "x"), 4096U);
  EXPECT_EQ(parse_size("4K", "x"), 4096U);
  EXPECT_EQ(parse_size("4KiB", "x"), 4096U);
  EXPECT_EQ(parse_size("4kB", "x"), 4000U);
  EXPECT_EQ(parse_size("4k", "x"), 4096U);
  EXPECT_EQ(parse_size("3M", "x"), 3U * 1048576);
  EXPECT_EQ(parse_size("3MiB", "x"), 3U * 1048576);
  EXPECT_EQ(parse_size("3MB", "x"), 3'000'000U);
  EXPECT_EQ(parse_size("5G", "x"), 5ULL * 1073741824);
  EXPECT_EQ(parse_size("5GiB", "x"), 5ULL * 1073741824);
  EXPECT_EQ(parse_size("5GB", "x"), 5'000'000'000ULL);
}

TEST(ParseSize, ReadsLeadingZerosAsDecimal) { EXPECT_EQ(parse_size("010", "x"), 10U); }

TEST(ParseSize, RefusesWhatIsNotASizeWithTheWholeSentence) {
  EXPECT_EQ(size_refusal("12Q"),
            "--buffer-size: '12Q' is not a size; write a whole number of bytes, or one with K, M, G (1024) or kB, MB, "
            "GB (1000).");
  for (const char* text :
       {"", "K", "+4", "-4", " 4", "4 ", "4 K", "4\n", "0x10", "1.5M", "1e3", "4KB", "4T", "4B", "4KK", "4,5"}) {
    EXPECT_NE(size_refusal(text).find("is not a size"), std::string::npos)
        << "'" << text << "': " << size_refusal(text);
  }
}

TEST(ParseSize, RefusesZero) {
  EXPECT_EQ(size_refusal("0"), "--buffer-size: '0' is too small; a size is at least 1 byte.");
  EXPECT_EQ(size_refusal("0K"), "--buffer-size: '0K' is too small; a size is at least 1 byte.");
}

TEST(ParseSize, GoesUpToTheLastByteAndNoFurther) {
  EXPECT_EQ(parse_size("18446744073709551615", "x"), largest);
  EXPECT_EQ(parse_size("17179869183G", "x"), 17179869183ULL << 30U);
  EXPECT_EQ(size_refusal("18446744073709551616"),
            "--buffer-size: '18446744073709551616' is too large; a size is at most 18446744073709551615 bytes.");
  for (const char* text : {"17179869184G", "99999999999999999999999K"}) {
    EXPECT_NE(size_refusal(text).find("is too large"), std::string::npos) << size_refusal(text);
  }
}

TEST(ParseDuration, ReadsEveryUnitAndFractions) {
  EXPECT_DOUBLE_EQ(parse_duration("250ms", "x"), 0.25);
  EXPECT_DOUBLE_EQ(parse_duration("2s", "x"), 2);
  EXPECT_DOUBLE_EQ(parse_duration("1m", "x"), 60);
  EXPECT_DOUBLE_EQ(parse_duration("500us", "x"), 0.0005);
  EXPECT_DOUBLE_EQ(parse_duration("0.5s", "x"), 0.5);
  EXPECT_DOUBLE_EQ(parse_duration("1.5m", "x"), 90);
}

TEST(ParseDuration, RefusesWhatIsNotADurationWithTheWholeSentence) {
  EXPECT_EQ(duration_refusal("5"),
            "--time: '5' is not a duration; write a number and its unit, us, ms, s or m (250ms, 1.5s).");
  for (const char* text : {"", "s", "0", "+1s", "-1s", " 1s", "1 s", "1s ", "0x1s", "1e3s", ".5s", "5.s", "1.2.3s",
                           "1h", "1S", "infs", "nans", "1m30s"}) {
    EXPECT_NE(duration_refusal(text).find("is not a duration"), std::string::npos)
        << "'" << text << "': " << duration_refusal(text);
  }
}

TEST(ParseDuration, TakesZeroOnlyWhereAllowed) {
  EXPECT_EQ(parse_duration("0", "x", true), 0);
  EXPECT_EQ(parse_duration("0ms", "x", true), 0);
  EXPECT_EQ(duration_refusal("0ms"), "--time: '0ms' is out of range; a duration is a nanosecond to 24 hours (1440m).");
  EXPECT_NE(duration_refusal("5", true).find("is not a duration"), std::string::npos);
}

TEST(ParseDuration, StopsAt24Hours) {
  EXPECT_DOUBLE_EQ(parse_duration("1440m", "x"), 86400);
  EXPECT_EQ(duration_refusal("1441m", true),
            "--time: '1441m' is out of range; a duration is 0, or a nanosecond to 24 hours (1440m).");
  EXPECT_NE(duration_refusal("86400.1s").find("out of range"), std::string::npos);
}

TEST(ParseDuration, RefusesNumbersThatNoDoubleHolds) {
  EXPECT_NE(duration_refusal(std::string(400, '9') + "s").find("out of range"), std::string::npos);
  EXPECT_NE(duration_refusal("0." + std::string(400, '0') + "1s", true).find("out of range"), std::string::npos);
  EXPECT_NE(duration_refusal("0.0001us", true).find("out of range"), std::string::npos);
}

TEST(ParseCount, TakesBothBounds) {
  EXPECT_EQ(parse_count("1", "x", 1, 10), 1U);
  EXPECT_EQ(parse_count("10", "x", 1, 10), 10U);
  EXPECT_EQ(parse_count("18446744073709551615", "x", 0, largest), largest);
}

TEST(ParseCount, RefusesEverythingElseWithTheRange) {
  EXPECT_EQ(count_refusal("0", 1, 10), "--rounds: '0' is not a whole number from 1 to 10.");
  for (const char* text : {"", "11", "+5", "-5", " 5", "5 ", "0x5", "5.0", "5K", "18446744073709551616"}) {
    EXPECT_NE(count_refusal(text, 1, 10).find("is not a whole number from 1 to 10."), std::string::npos)
        << "'" << text << "'";
  }
  EXPECT_NE(count_refusal("18446744073709551616", 0, largest), "accepted");
}

TEST(FormatSize, TakesTheLargestUnitThatIsExact) {
  EXPECT_EQ(format_size(262144), "256K");
  EXPECT_EQ(format_size(1048576), "1M");
  EXPECT_EQ(format_size(1572864), "1536K");
  EXPECT_EQ(format_size(1ULL << 40U), "1024G");
  EXPECT_EQ(format_size(1000), "1000");
  EXPECT_EQ(format_size(1025), "1025");
  EXPECT_EQ(format_size(0), "0");
}

TEST(FormatSize, IsReadBackUnchanged) {
  for (const std::uint64_t bytes :
       {1ULL, 1000ULL, 4096ULL, 1536ULL << 10U, 3ULL << 30U, 1ULL << 50U, 18446744073709551615ULL}) {
    EXPECT_EQ(parse_size(format_size(bytes), "x"), bytes);
  }
}

TEST(FormatDuration, PicksTheUnitThatReadsBest) {
  EXPECT_EQ(format_duration(0), "0s");
  EXPECT_EQ(format_duration(0.0005), "500us");
  EXPECT_EQ(format_duration(0.25), "250ms");
  EXPECT_EQ(format_duration(2), "2s");
  EXPECT_EQ(format_duration(1.5), "1.5s");
  EXPECT_EQ(format_duration(60), "1m");
  EXPECT_EQ(format_duration(90), "1m30s");
  EXPECT_EQ(format_duration(5400), "90m");
}

TEST(FormatDuration, RoundsToNanosecondsBeforeItPicksTheUnit) {
  EXPECT_EQ(format_duration(0.9999999999), "1s");
  EXPECT_EQ(format_duration(59.9999999999), "1m");
  EXPECT_EQ(format_duration(0.1 + 0.2), "300ms");
}

TEST(FormatDuration, SurvivesWhatNoRunTakes) {
  EXPECT_EQ(format_duration(-1), "-1s");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::infinity()), "infs");
  EXPECT_EQ(format_duration(1e300), "1e+300s");
}

TEST(FormatRoughly, SaysItAsPeopleDo) {
  EXPECT_EQ(format_roughly(0), "0 s");
  EXPECT_EQ(format_roughly(0.3), "1 s");
  EXPECT_EQ(format_roughly(91.4), "91 s");
  EXPECT_EQ(format_roughly(720), "12 min");
  EXPECT_EQ(format_roughly(19000), "5.3 h");
  EXPECT_EQ(format_roughly(6040000), "69.9 days");
}

TEST(ParsePercent, GivesAShare) {
  EXPECT_DOUBLE_EQ(parse_percent("2%", "x"), 0.02);
  EXPECT_DOUBLE_EQ(parse_percent("0.5%", "x"), 0.005);
  EXPECT_DOUBLE_EQ(parse_percent("100%", "x"), 1);
}

TEST(ParsePercent, RefusesAnythingElse) {
  const auto refused = [](std::string_view text) { return refusal([&] { (void)parse_percent(text, "--precision"); }); };
  EXPECT_EQ(refused("2"), "--precision: '2' is not a percentage; write a number and % (2%, 0.5%).");
  for (const char* text : {"", "%", "-2%", "2 %", "2%%", "0.02", "x%", ".5%", "1e1%"})
    EXPECT_TRUE(holds(refused(text), "is not a percentage")) << text;
  EXPECT_EQ(refused("0%"), "--precision: '0%' is out of range; it is from 0.01% to 100%.");
  EXPECT_TRUE(holds(refused("101%"), "out of range"));
  EXPECT_TRUE(holds(refused(std::string(400, '9') + "%"), "out of range"));
}

}  // namespace
}  // namespace pipebench
