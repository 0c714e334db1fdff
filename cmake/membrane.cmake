# How every target of this project is built: one place for the language level, the warnings and the
# shape of a test or a fuzz target.

option(MEMBRANE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(MEMBRANE_FUZZ "Build the libFuzzer targets (needs clang)" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(membrane_options INTERFACE)
target_compile_options(membrane_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror)
if(EMSCRIPTEN)
  # Every byte is downloaded by every visitor: optimise for size, across files.
  # emscripten tells clang not to inline and leaves that to its own optimiser, which does it worse: 15 % more code.
  target_compile_options(membrane_options INTERFACE -flto -finline-hint-functions)
  target_link_options(membrane_options INTERFACE -flto)
endif()
if(MEMBRANE_SANITIZE)
  target_compile_options(membrane_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
    -fno-sanitize=vptr) # it asks for the type information that the core is built without
  target_link_options(membrane_options INTERFACE -fsanitize=address,undefined)
endif()
if(MEMBRANE_FUZZ)
  target_compile_options(membrane_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A test's own code is compiled to be compiled quickly: it takes more of a build than all that it
# tests, half of it for GoogleTest's macros. Overflows and the like are looked for in what is tested;
# memory errors in both, because a test's containers are handed over.
add_library(membrane_test_options INTERFACE)
if(MEMBRANE_SANITIZE)
  target_compile_options(membrane_test_options INTERFACE -O0 -fno-sanitize=undefined)
else()
  target_compile_options(membrane_test_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:-O1>)
endif()
# GCC 12 takes the growing of a std::string for an overrun (its bug 105651).
target_compile_options(membrane_test_options INTERFACE "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-restrict>")
target_precompile_headers(membrane_test_options INTERFACE
  <gtest/gtest.h> <algorithm> <functional> <map> <memory> <optional> <ranges> <set> <span> <string> <vector>)

# membrane_add_test(NAME SOURCES... DEPS...): one GoogleTest binary, each of its cases a CTest test; the
# target `tests` builds them all.
add_custom_target(tests)
function(membrane_add_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} membrane_options membrane_test_options GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF) # tests of one kind name their helpers alike
  add_dependencies(tests ${name})
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

# membrane_add_fuzzer(NAME SOURCES... DEPS...): one libFuzzer binary, found by `./run fuzz`.
function(membrane_add_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} membrane_options)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
