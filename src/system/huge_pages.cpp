#include "pipebench/system/huge_pages.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "pipebench/base/error.hpp"
#include "pipebench/base/unique_fd.hpp"
#include "pipebench/system/memory.hpp"

namespace pipebench {
namespace {

std::filesystem::path folder(HugeSize size, const std::filesystem::path& root) {
  return root / fmt::format("sys/kernel/mm/hugepages/hugepages-{}kB", static_cast<std::uint32_t>(size));
}

std::uint64_t read_number(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::uint64_t number = 0;
  return stream >> number ? number : 0;
}

bool write_number(const std::filesystem::path& file, std::uint64_t number) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  const std::string text = std::to_string(number);
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

bool huge_pages_are_told(const std::filesystem::path& root) {
  std::error_code ignored;
  return std::filesystem::exists(root / "sys/kernel/mm", ignored);
}

std::optional<std::uint64_t> free_huge_pages(HugeSize size, const std::filesystem::path& root) {
  if (!huge_pages_are_told(root)) return std::nullopt;
  const std::uint64_t free = read_number(folder(size, root) / "free_hugepages");
  // Some are already mapped by others, who have yet to touch them.
  const std::uint64_t promised = read_number(folder(size, root) / "resv_hugepages");
  return free - std::min(free, promised);
}

std::optional<std::uint64_t> reservable_huge_pages(HugeSize size, const std::filesystem::path& root) {
  const std::optional<std::uint64_t> free = free_huge_pages(size, root);
  if (!free || ::access((folder(size, root) / "nr_hugepages").c_str(), W_OK) != 0) return free;
  return *free + available_memory(root) / 1024 / static_cast<std::uint32_t>(size);
}

HugeReservation::~HugeReservation() {
  for (const Taken& taken : taken_) write_number(folder(taken.size, root_) / "nr_hugepages", taken.before);
}

void HugeReservation::ensure(HugeSize size, std::uint64_t count) {
  const std::uint64_t free = free_huge_pages(size, root_).value_or(0);
  if (free >= count) return;
  const auto file = folder(size, root_) / "nr_hugepages";
  const std::uint64_t before = read_number(file);
  if (!write_number(file, before + count - free))
    throw SystemError(fmt::format("write({}, {})", file.string(), before + count - free), errno);
  taken_.push_back({size, before});
}

}  // namespace pipebench
