// filter.c: filters over pictures with four bytes a pixel. A picture is one block of the heap. A filter makes a new picture and leaves the old one
// as it is, so that the page can go back. It returns NULL, and nothing is left over, when there is no memory.
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))
enum { kChannels = 4 };

struct Picture {
  int width, height;
  unsigned char pixels[]; // red, green, blue, alpha, row by row
};

static size_t bytes_of(int width, int height) { return (size_t)width * height * kChannels; }

EXPORT(createPicture) struct Picture* create_picture(int width, int height) {
  struct Picture* picture = malloc(sizeof *picture + bytes_of(width, height));
  if (!picture) return NULL;
  picture->width = width;
  picture->height = height;
  return picture;
}

EXPORT(pixelsOf) unsigned char* pixels_of(struct Picture* picture) { return picture->pixels; }
EXPORT(deletePicture) void delete_picture(struct Picture* picture) { free(picture); }

static int clamp(int value, int least, int most) { return value < least ? least : value > most ? most : value; }

// The mean of each pixel and its `radius` neighbours on both sides, along a line of `count` pixels that are `step` bytes apart. Beyond its ends the
// line goes on with its last pixel. The sum moves along: a pixel enters, another one leaves, whatever the radius is.
static void blur_line(const unsigned char* from, unsigned char* to, int count, int step, int radius) {
  for (int channel = 0; channel < kChannels; channel++) {
    const unsigned char* line = from + channel;
    int sum = 0;
    for (int at = -radius; at <= radius; at++) sum += line[clamp(at, 0, count - 1) * step];
    for (int at = 0; at < count; at++) {
      to[at * step + channel] = (unsigned char)((sum + radius) / (2 * radius + 1));
      sum += line[clamp(at + radius + 1, 0, count - 1) * step] - line[clamp(at - radius, 0, count - 1) * step];
    }
  }
}

// Rows first, into a picture that lives only here; then columns.
EXPORT(blur) struct Picture* blur(const struct Picture* from, int radius) {
  int width = from->width, height = from->height, row = width * kChannels;
  struct Picture* rows = create_picture(width, height);
  struct Picture* to = create_picture(width, height);
  if (rows && to) {
    for (int y = 0; y < height; y++) blur_line(from->pixels + y * row, rows->pixels + y * row, width, kChannels, radius);
    for (int x = 0; x < width; x++) blur_line(rows->pixels + x * kChannels, to->pixels + x * kChannels, height, row, radius);
  } else {
    free(to);
    to = NULL;
  }
  free(rows);
  return to;
}

// Adds to each pixel what it differs by from its blurred self.
EXPORT(sharpen) struct Picture* sharpen(const struct Picture* from, int radius) {
  struct Picture* to = blur(from, radius);
  if (!to) return NULL;
  for (size_t at = 0; at < bytes_of(to->width, to->height); at++) to->pixels[at] = (unsigned char)clamp(2 * from->pixels[at] - to->pixels[at], 0, 255);
  return to;
}

// How much the light changes from each pixel to its neighbours (Sobel's operator). The picture's light, a byte a pixel, is a block that lives only
// here.
EXPORT(edges) struct Picture* edges(const struct Picture* from) {
  int width = from->width, height = from->height;
  unsigned char* light = malloc((size_t)width * height);
  struct Picture* to = create_picture(width, height);
  if (!light || !to) {
    free(light);
    free(to);
    return NULL;
  }
  for (int at = 0; at < width * height; at++) {
    const unsigned char* pixel = from->pixels + at * kChannels;
    light[at] = (unsigned char)((54 * pixel[0] + 183 * pixel[1] + 19 * pixel[2]) / 256);
  }
  for (int y = 0; y < height; y++) {
    const unsigned char* above = light + clamp(y - 1, 0, height - 1) * width;
    const unsigned char* here = light + y * width;
    const unsigned char* below = light + clamp(y + 1, 0, height - 1) * width;
    for (int x = 0; x < width; x++) {
      int left = clamp(x - 1, 0, width - 1), right = clamp(x + 1, 0, width - 1);
      int across = above[right] + 2 * here[right] + below[right] - above[left] - 2 * here[left] - below[left];
      int down = below[left] + 2 * below[x] + below[right] - above[left] - 2 * above[x] - above[right];
      unsigned char* pixel = to->pixels + (y * width + x) * kChannels;
      memset(pixel, clamp(abs(across) + abs(down), 0, 255), kChannels - 1);
      pixel[kChannels - 1] = 255;
    }
  }
  free(light);
  return to;
}

EXPORT(negative) struct Picture* negative(const struct Picture* from) {
  struct Picture* to = create_picture(from->width, from->height);
  if (!to) return NULL;
  for (size_t at = 0; at < bytes_of(to->width, to->height); at++) to->pixels[at] = at % kChannels == kChannels - 1 ? from->pixels[at] : 255 - from->pixels[at];
  return to;
}
