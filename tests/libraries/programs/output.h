/* What a program prints, for whoever runs it: run() does the job, text() is where its text is. */
#pragma once
#include <memory_wasm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
#define PROGRAM extern "C"
#else
#define PROGRAM
#endif

static char output[1 << 16];
static size_t output_length;

PROGRAM void memory_wasm_output(int stream, const char* text, size_t length) {
  (void)stream;
  if (length > sizeof output - 1 - output_length) abort();
  memcpy(output + output_length, text, length);
  output_length += length;
}

PROGRAM __attribute__((export_name("text"))) const char* text(void) { return output; }

PROGRAM __attribute__((export_name("run"))) void run(void);

/* FNV-1a: a line for many bytes. */
static inline unsigned hash_of(const void* bytes, size_t length) {
  unsigned hash = 2166136261u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ ((const unsigned char*)bytes)[i]) * 16777619u;
  return hash;
}
