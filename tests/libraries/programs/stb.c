/* stb: an image is made, written as PNG and JPEG into memory, read back, resized; and the hash table of stb_ds. */
#include "output.h"
#define STBI_NO_STDIO
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_IMPLEMENTATION
#include "stb_image.h"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include "stb_image_write.h"
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include "stb_image_resize.h"
#define STB_DS_IMPLEMENTATION
#include "stb_ds.h"

enum { kWidth = 640, kHeight = 480 };

static void append(void* array, void* data, int size) {
  unsigned char** bytes = array;
  memcpy(arraddnptr(*bytes, (size_t)size), data, (size_t)size);
}

static void read_back(const char* format, unsigned char* file) {
  int width, height, channels;
  unsigned char* image = stbi_load_from_memory(file, (int)arrlen(file), &width, &height, &channels, 3);
  if (!image) return (void)printf("%s: %s\n", format, stbi_failure_reason());
  printf("%s: %d bytes, hash %08x, read back %d x %d, hash %08x\n", format, (int)arrlen(file), hash_of(file, (size_t)arrlen(file)), width, height,
         hash_of(image, (size_t)width * (size_t)height * 3));
  stbi_image_free(image);
}

static void images(void) {
  unsigned char* image = malloc(kWidth * kHeight * 3);
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth; x++) {
      unsigned char* pixel = image + (y * kWidth + x) * 3;
      pixel[0] = (unsigned char)(x ^ y);
      pixel[1] = (unsigned char)(x * y >> 8);
      pixel[2] = (unsigned char)((x - 320) * (x - 320) + (y - 240) * (y - 240) < 40000 ? 200 : y);
    }
  }
  unsigned char *png = NULL, *jpeg = NULL;
  stbi_write_png_to_func(append, &png, kWidth, kHeight, 3, image, kWidth * 3);
  stbi_write_jpg_to_func(append, &jpeg, kWidth, kHeight, 3, image, 85);
  read_back("png", png);
  read_back("jpeg", jpeg);
  unsigned char* half = malloc(kWidth * kHeight * 3 / 4);
  stbir_resize_uint8(image, kWidth, kHeight, 0, half, kWidth / 2, kHeight / 2, 0, 3);
  printf("resized: hash %08x\n", hash_of(half, kWidth * kHeight * 3 / 4));
  free(half);
  arrfree(jpeg);
  arrfree(png);
  free(image);
}

static void table(void) {
  struct { char* key; int value; }* table = NULL;
  sh_new_strdup(table);
  shdefault(table, 0);
  for (int i = 0; i < 50000; i++) {
    char key[16];
    snprintf(key, sizeof key, "%d", i * 7 % 20011);
    int before = shget(table, key);
    shput(table, key, before + 1);
  }
  printf("keys: %d, \"7\": %d, \"20010\": %d\n", (int)shlen(table), shget(table, "7"), shget(table, "20010"));
  shfree(table);
}

void run(void) {
  images();
  table();
}
