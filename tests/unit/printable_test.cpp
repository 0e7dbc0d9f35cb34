#include "pipebench/base/printable.hpp"

#include <gtest/gtest.h>

#include <clocale>

namespace pipebench {
namespace {

// Adjacent literals: a hex escape would take the letters that follow it.
const std::string oe = "\xc3\xb6";            // U+00F6, one column
const std::string kanji = "\xe6\x97\xa5";     // U+65E5, two columns
const std::string accent = "\xcc\x81";        // U+0301, combines
const std::string reversed = "\xe2\x80\xae";  // U+202E, RIGHT-TO-LEFT OVERRIDE

TEST(Escaped, LeavesPrintableUtf8AsItIs) {
  for (const std::string& text : {std::string("plain ~"), "gr" + oe, kanji, "e" + accent, std::string()})
    EXPECT_EQ(escaped(text), text);
}

TEST(Escaped, ShowsControlCharactersAsNumbers) {
  EXPECT_EQ(escaped("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(escaped(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escaped("a\r\n\tb\x7f"), "a\\x0d\\x0a\\x09b\\x7f");
  EXPECT_EQ(escaped("\xc2\x9b"
                    "2J"),
            "\\xc2\\x9b2J");                              // U+009B, CSI in one character
  EXPECT_EQ(escaped("\xe2\x80\xa8"), "\\xe2\\x80\\xa8");  // U+2028, LINE SEPARATOR
  EXPECT_EQ(escaped(reversed + "x"), "\\xe2\\x80\\xaex");
}

TEST(Escaped, ShowsBytesThatAreNoUtf8AsNumbers) {
  EXPECT_EQ(escaped("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(escaped("gr\xf6"), "gr\\xf6");                // Latin-1
  EXPECT_EQ(escaped("\xe6\x97"), "\\xe6\\x97");           // cut off
  EXPECT_EQ(escaped("\xc0\xaf"), "\\xc0\\xaf");           // longer than it need be
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half of a surrogate pair
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("gr" + oe), 3U);
  EXPECT_EQ(display_width(kanji + kanji), 4U);
  EXPECT_EQ(display_width("e" + accent), 1U);
}

TEST(BeginningWithin, TakesWholeCharacters) {
  EXPECT_EQ(beginning_within("abc", 2), "ab");
  EXPECT_EQ(beginning_within("abc", 5), "abc");
  EXPECT_EQ(beginning_within("a" + kanji, 2), "a");
  EXPECT_EQ(beginning_within("e" + accent + "x", 1), "e" + accent);
}

TEST(HasControlCharacters, KnowsBothRows) {
  EXPECT_FALSE(has_control_characters("gr" + oe + " \xff"));
  for (const char* text : {"\x1b", "a\tb", "\x7f", "\xc2\x9b"}) EXPECT_TRUE(has_control_characters(text)) << text;
}

TEST(Utf8Characters, LeavesTheLocaleAsItWas) {
  const locale_t before = ::uselocale(static_cast<locale_t>(nullptr));
  (void)escaped(oe);
  EXPECT_EQ(::uselocale(static_cast<locale_t>(nullptr)), before);
}

}  // namespace
}  // namespace pipebench
