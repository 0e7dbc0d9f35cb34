// Memory that processes share.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

#include "pipebench/base/error.hpp"

namespace pipebench {

/// Objects in a mapping that the children of this process see, too, at the same address. They hold no pointers to
/// memory outside, no locks of one process and nothing that must be destroyed.
template <class T>
class SharedArray {
  static_assert(std::is_trivially_destructible_v<T> && std::is_standard_layout_v<T>);

 public:
  /// Throws SystemError. `count`: may be 0.
  explicit SharedArray(std::size_t count) : bytes_(std::max<std::size_t>(1, count * sizeof(T))) {
    void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw SystemError("mmap(shared memory)", errno);
    objects_ = {static_cast<T*>(memory), count};
    std::uninitialized_default_construct(objects_.begin(), objects_.end());
  }
  ~SharedArray() { ::munmap(objects_.data(), bytes_); }
  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;

  [[nodiscard]] std::span<T> objects() const noexcept { return objects_; }

 private:
  std::size_t bytes_;
  std::span<T> objects_;
};

}  // namespace pipebench
