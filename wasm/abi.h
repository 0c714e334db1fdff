#pragma once

#include <cstddef>
#include <cstdint>

/// The core behind C functions over byte buffers; wasm/README.md is the contract.
#if defined(__wasm__)
#define MEMBRANE_EXPORT(name) __attribute__((export_name(#name))) name
#else
#define MEMBRANE_EXPORT(name) name
#endif

namespace membrane::abi {
struct Instance;
}

extern "C" {
void* MEMBRANE_EXPORT(membrane_alloc)(std::size_t size);
void MEMBRANE_EXPORT(membrane_free)(void* pointer);
membrane::abi::Instance* MEMBRANE_EXPORT(membrane_create)(const std::uint8_t* data,
                                                          std::size_t size, double now_ms);
void MEMBRANE_EXPORT(membrane_destroy)(membrane::abi::Instance* node);
std::uint32_t MEMBRANE_EXPORT(membrane_input)(membrane::abi::Instance* node, double now_ms,
                                              const std::uint8_t* data, std::size_t size);
std::uint32_t MEMBRANE_EXPORT(membrane_output)(membrane::abi::Instance* node);
const std::uint8_t* MEMBRANE_EXPORT(membrane_output_data)(membrane::abi::Instance* node);
double MEMBRANE_EXPORT(membrane_next_timeout)(membrane::abi::Instance* node);
std::uint32_t MEMBRANE_EXPORT(membrane_counters)(membrane::abi::Instance* node);
const char* MEMBRANE_EXPORT(membrane_error_text)(std::uint32_t code);
}
