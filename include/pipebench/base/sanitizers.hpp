// Was this built with a sanitizer? g++ and clang say so in different ways.
#pragma once

#ifdef __has_feature
#define PIPEBENCH_HAS_FEATURE(feature) __has_feature(feature)
#else
#define PIPEBENCH_HAS_FEATURE(feature) 0
#endif

namespace pipebench {

#if defined(__SANITIZE_ADDRESS__) || PIPEBENCH_HAS_FEATURE(address_sanitizer)
inline constexpr bool has_address_sanitizer = true;
#else
inline constexpr bool has_address_sanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || PIPEBENCH_HAS_FEATURE(thread_sanitizer)
inline constexpr bool has_thread_sanitizer = true;
#else
inline constexpr bool has_thread_sanitizer = false;
#endif

}  // namespace pipebench
