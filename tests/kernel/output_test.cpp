// Files of results: real ones, in directories of the test's own.
#include "app/output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

constexpr uid_t somebody = 54321;

// Documents that differ in their seed.
Document numbered(std::uint64_t seed) {
  Document document;
  document.plan.seed = seed;
  return document;
}

std::uint64_t seed_in(const fs::path& file) {
  std::ifstream stream(file);
  return nlohmann::json::parse(stream).at("plan").at("seed").get<std::uint64_t>();
}

struct stat status_of(const fs::path& file) {
  struct stat status {};
  EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
  return status;
}

class OutputFiles : public testing::Test {
 protected:
  [[nodiscard]] fs::path path(const std::string& name) const { return directory_.path() / name; }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_.path())) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }
  // What the SystemError of a write says.
  static std::string failure(const OutputFile& file) {
    try {
      file.write(numbered(2));
    } catch (const SystemError& error) {
      return error.what();
    }
    return "written";
  }

  TemporaryDirectory directory_;
};

TEST_F(OutputFiles, AreNotThereBeforeTheyAreWritten) {
  const OutputFile file(path("x.json"));
  EXPECT_TRUE(names().empty());
  file.write(numbered(1));
  EXPECT_EQ(names(), std::vector<std::string>{"x.json"});
}

TEST_F(OutputFiles, AreReplacedWithEveryWrite) {
  const OutputFile file(path("x.json"));
  file.write(numbered(1));
  const int first = ::open(path("x.json").c_str(), O_RDONLY | O_CLOEXEC);
  file.write(numbered(2));
  EXPECT_EQ(seed_in(path("x.json")), 2U);
  // A reader of the older file still gets all of it.
  EXPECT_EQ(seed_in("/proc/self/fd/" + std::to_string(first)), 1U);
  ::close(first);
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(OutputFiles, HaveTheModeThatOthersWouldHave) {
  const mode_t before = ::umask(027);
  OutputFile(path("x.json")).write(numbered(1));
  ::umask(before);
  EXPECT_EQ(status_of(path("x.json")).st_mode & 07777U, 0640U);
}

TEST_F(OutputFiles, KeepTheirModeAndOwner) {
  const fs::path file = directory_.write("x.json", "old");
  ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
  const bool given = ::chown(file.c_str(), somebody, somebody) == 0;
  const struct stat before = status_of(file);
  OutputFile(file).write(numbered(1));
  const struct stat after = status_of(file);
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
  EXPECT_EQ(seed_in(file), 1U);
  if (!given) GTEST_SKIP() << "the owner is not tried: only root may give a file away";
}

TEST_F(OutputFiles, KeepTheirAccessControlList) {
  // acl(5) as the kernel stores it: a version, then tag, permissions, id of each entry.
  const std::vector<std::uint16_t> list{2, 0,      0x01,   6,    0xffff, 0xffff, 0x02,   4,    1234, 0,      0x04,
                                        4, 0xffff, 0xffff, 0x10, 4,      0xffff, 0xffff, 0x20, 0,    0xffff, 0xffff};
  const std::size_t bytes = list.size() * sizeof list[0];
  const fs::path file = directory_.write("x.json", "old");
  constexpr auto name = "system.posix_acl_access";
  if (::setxattr(file.c_str(), name, list.data(), bytes, 0) != 0) GTEST_SKIP() << "no ACLs here: " << errno;
  OutputFile(file).write(numbered(1));
  std::vector<std::uint16_t> after(list.size());
  EXPECT_EQ(::getxattr(file.c_str(), name, after.data(), bytes), static_cast<ssize_t>(bytes));
  EXPECT_EQ(after, list);
  EXPECT_EQ(seed_in(file), 1U);
}

TEST_F(OutputFiles, KeepTheirHardLinks) {
  const fs::path file = directory_.write("x.json", std::string(100'000, 'x'));
  fs::create_hard_link(file, path("y.json"));
  OutputFile(file).write(numbered(1));
  EXPECT_EQ(seed_in(path("y.json")), 1U);
  EXPECT_EQ(status_of(file).st_ino, status_of(path("y.json")).st_ino);
  EXPECT_EQ(names().size(), 2U);
}

TEST_F(OutputFiles, AreWhereALinkLeads) {
  fs::create_directory(path("there"));
  (void)directory_.write("there/old.json", "old");
  fs::create_symlink("there/old.json", path("a.json"));
  fs::create_symlink("a.json", path("b.json"));
  fs::create_symlink("there/new.json", path("c.json"));  // which is not there yet
  for (const char* name : {"b.json", "c.json"}) OutputFile(path(name)).write(numbered(1));
  EXPECT_EQ(seed_in(path("there/old.json")), 1U);
  EXPECT_EQ(seed_in(path("there/new.json")), 1U);
  for (const char* name : {"a.json", "b.json", "c.json"}) EXPECT_TRUE(fs::is_symlink(path(name))) << name;
}

TEST_F(OutputFiles, RefuseLinksThatLeadNowhere) {
  fs::create_symlink("round.json", path("round.json"));
  fs::create_symlink("missing/x.json", path("nowhere.json"));
  EXPECT_TRUE(holds(refusal([&] { OutputFile{path("round.json")}; }), "ELOOP"));
  EXPECT_TRUE(holds(refusal([&] { OutputFile{path("nowhere.json")}; }), "ENOENT"));
}

TEST_F(OutputFiles, RefuseALinkOfAnotherUserInAWorldWritableFolder) {
  const fs::path victim = directory_.write("victim.json", "precious");
  fs::create_directory(path("tmp"));
  fs::create_symlink(victim, path("tmp/x.json"));
  fs::create_symlink(path("new.json"), path("tmp/new.json"));
  ASSERT_EQ(::chmod(path("tmp").c_str(), 01777), 0);
  EXPECT_EQ(refusal([&] { OutputFile{path("tmp/x.json")}; }), "accepted");  // our own
  for (const char* name : {"tmp/x.json", "tmp/new.json"}) {
    if (::lchown(path(name).c_str(), somebody, somebody) != 0) GTEST_SKIP() << "only root may give a link away";
    EXPECT_TRUE(holds(refusal([&] { OutputFile{path(name)}; }), "another user's link")) << name;
  }
  ASSERT_EQ(::chmod(path("tmp").c_str(), 0755), 0);
  EXPECT_EQ(refusal([&] { OutputFile{path("tmp/x.json")}; }), "accepted");
}

TEST_F(OutputFiles, RefuseAHardLinkOfAnotherUserInAWorldWritableFolder) {
  const fs::path victim = directory_.write("victim.json", "precious");
  fs::create_directory(path("tmp"));
  fs::create_hard_link(victim, path("tmp/x.json"));
  ASSERT_EQ(::chmod(path("tmp").c_str(), 01777), 0);
  if (::chown(victim.c_str(), somebody, somebody) != 0) GTEST_SKIP() << "only root may give a file away";
  EXPECT_TRUE(holds(refusal([&] { OutputFile{path("tmp/x.json")}; }), "another user's link"));
}

// Only what is written after the check could have been put there since.
TEST_F(OutputFiles, DoNotFollowALinkThatCameLater) {
  const fs::path victim = directory_.write("victim.json", "precious");
  const OutputFile file(directory_.write("x.json", "old"));
  fs::remove(path("x.json"));
  fs::create_symlink(victim, path("x.json"));
  file.write(numbered(1));
  EXPECT_EQ(fs::file_size(victim), 8U);
}

TEST_F(OutputFiles, LeadToTheCopyWhenTheyCannotBeWritten) {
  const OutputFile file(path("x.json"));
  fs::create_directory(path("x.json"));
  const std::string said = failure(file);
  EXPECT_TRUE(holds(said, "EISDIR"));
  ASSERT_EQ(names().size(), 2U);
  const std::string copy = names()[1];
  EXPECT_TRUE(holds(said, "the results are in '" + path(copy).string()));
  EXPECT_EQ(seed_in(path(copy)), 2U);
}

// A limit is as good as a full disk.
class FullDisk {
 public:
  FullDisk() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{.rlim_cur = 100, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST_F(OutputFiles, AreAsBeforeWhenTheDiskIsFull) {
  const OutputFile file(path("x.json"));
  file.write(numbered(1));
  {
    const FullDisk full;
    EXPECT_TRUE(holds(failure(file), "EFBIG"));
  }
  EXPECT_EQ(seed_in(path("x.json")), 1U);
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(OutputFiles, TakeLongNames) {
  const std::string name = std::string(250, 'x') + ".json";
  OutputFile(path(name)).write(numbered(1));
  EXPECT_EQ(seed_in(path(name)), 1U);
}

TEST_F(OutputFiles, DoNotTakeACopyThatWasLeftOver) {
  const OutputFile file(path("x.json"));
  const fs::path left = directory_.write("x.json." + std::to_string(::getpid()) + "-0", "left over");
  file.write(numbered(1));
  EXPECT_EQ(seed_in(path("x.json")), 1U);
  EXPECT_EQ(fs::file_size(left), 9U);
}

}  // namespace
}  // namespace pipebench
