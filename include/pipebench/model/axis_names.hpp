// THE names of the options that vary cases: as they are typed, in case names, and in the results' `varied`.
#pragma once

#include <string_view>

namespace pipebench::axis_names {

inline constexpr std::string_view writer = "writer";
inline constexpr std::string_view reader = "reader";
inline constexpr std::string_view wait = "wait";
inline constexpr std::string_view pages = "pages";
inline constexpr std::string_view buffer_size = "buffer-size";
inline constexpr std::string_view buffers = "buffers";
inline constexpr std::string_view pipe_size = "pipe-size";
inline constexpr std::string_view cpus = "cpus";
inline constexpr std::string_view streams = "streams";
inline constexpr std::string_view stripe = "stripe";
inline constexpr std::string_view membind = "membind";
inline constexpr std::string_view payload = "payload";
inline constexpr std::string_view consume = "consume";
inline constexpr std::string_view gift = "gift";
inline constexpr std::string_view contiguous = "contiguous";
inline constexpr std::string_view no_touch = "no-touch";
inline constexpr std::string_view lock = "lock";
inline constexpr std::string_view isolation = "isolation";
inline constexpr std::string_view writer_threads = "writer-threads";
inline constexpr std::string_view reader_threads = "reader-threads";
inline constexpr std::string_view exec = "exec";
inline constexpr std::string_view depth = "depth";
inline constexpr std::string_view sqpoll = "sqpoll";
inline constexpr std::string_view registered = "registered";
inline constexpr std::string_view latency = "latency";
inline constexpr std::string_view message = "message";

}  // namespace pipebench::axis_names
