// particles.c: particles that fly, fall and bounce off each other, sixty steps a second. A burst of particles is one block, freed when it has
// faded. What a step needs only for itself (the grid that finds neighbours, the list of what to draw) comes from an arena: one block that is
// filled from its start and emptied at once, so a step calls malloc only when the arena is too small.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))

static const float kRadius = 3, kCell = 8, kGravity = 220, kLoss = 0.82f, kLife = 6;

// The arena ---------------------------------------------------------------------------------------------------------------------------

static struct {
  char* start;
  size_t size, used;
} arena;

// Empties the arena and makes sure that `bytes` fit. Returns 0 if there is no memory.
static int arena_reset(size_t bytes) {
  arena.used = 0;
  if (bytes <= arena.size) return 1;
  free(arena.start);
  arena.start = malloc(bytes + bytes / 2);
  arena.size = arena.start ? bytes + bytes / 2 : 0;
  return arena.start != NULL;
}

static void* arena_allocate(size_t bytes) {
  void* block = arena.start + arena.used;
  arena.used += (bytes + 15) & ~(size_t)15;
  return block;
}

EXPORT(arenaSize) size_t arena_size(void) { return arena.size; }
EXPORT(arenaUsed) size_t arena_used(void) { return arena.used; }

// Bursts ------------------------------------------------------------------------------------------------------------------------------

struct Particle {
  float x, y, dx, dy;
};

struct Burst {
  struct Burst* next;
  float age;
  unsigned hue, count;
  struct Particle particles[];
};

static struct Burst* bursts;
static unsigned alive;
static float width = 600, height = 400;

EXPORT(resize) void resize(float new_width, float new_height) {
  width = new_width;
  height = new_height;
}

static float random_up_to(float most) {
  static uint32_t state = 2463534242u;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return most * (float)(state >> 8) / (1 << 24);
}

// A burst at a point. Returns 0 if there is no memory for it.
EXPORT(burst) int burst(float x, float y, unsigned count, unsigned hue) {
  struct Burst* burst = malloc(sizeof *burst + count * sizeof *burst->particles);
  if (!burst) return 0;
  *burst = (struct Burst){.next = bursts, .hue = hue, .count = count};
  for (unsigned i = 0; i < count; i++) {
    float angle = random_up_to(6.2831853f), speed = 40 + random_up_to(260);
    burst->particles[i] = (struct Particle){x, y, speed * cosf(angle), speed * sinf(angle) - 120};
  }
  bursts = burst;
  alive += count;
  return 1;
}

static void free_faded(void) {
  for (struct Burst** link = &bursts; *link;) {
    struct Burst* burst = *link;
    if (burst->age < kLife) {
      link = &burst->next;
      continue;
    }
    *link = burst->next;
    alive -= burst->count;
    free(burst);
  }
}

EXPORT(aliveCount) unsigned alive_count(void) { return alive; }

EXPORT(clear) void clear(void) {
  for (struct Burst* burst = bursts; burst; burst = burst->next) burst->age = kLife;
  free_faded();
}

// A step ------------------------------------------------------------------------------------------------------------------------------

// What the page draws.
struct Dot {
  float x, y, light;
  unsigned hue;
};

static struct Dot* dots;

// The dots of the last step; valid until the next one.
EXPORT(dotsOf) struct Dot* dots_of(void) { return dots; }

static void bounce(float* place, float* speed, float least, float most) {
  if (*place >= least && *place <= most) return;
  *place = *place < least ? least : most;
  *speed = -*speed * kLoss;
}

static void move(struct Particle* particle, float seconds) {
  particle->dy += kGravity * seconds;
  particle->x += particle->dx * seconds;
  particle->y += particle->dy * seconds;
  bounce(&particle->x, &particle->dx, kRadius, width - kRadius);
  bounce(&particle->y, &particle->dy, kRadius, height - kRadius);
}

// Two that overlap and come closer exchange the part of their speeds that is along the line between them.
static void collide(struct Particle* a, struct Particle* b) {
  float x = b->x - a->x, y = b->y - a->y, square = x * x + y * y;
  if (square >= 4 * kRadius * kRadius || square < 0.01f) return;
  float closing = ((a->dx - b->dx) * x + (a->dy - b->dy) * y) / square;
  if (closing <= 0) return;
  a->dx -= closing * x;
  a->dy -= closing * y;
  b->dx += closing * x;
  b->dy += closing * y;
}

// The particles of a cell are a list of nodes in the arena.
struct Node {
  struct Particle* particle;
  struct Node* next;
};

static struct Node** grid;
static int columns, rows;

static struct Node** cell_of(int column, int row) { return &grid[row * columns + column]; }

static void collide_with_cell(struct Particle* particle, int column, int row) {
  if (column < 0 || column >= columns || row < 0 || row >= rows) return;
  for (struct Node* node = *cell_of(column, row); node; node = node->next) collide(particle, node->particle);
}

// Puts a particle into its cell, after it has met those that are in this cell and around it already: each pair meets once.
static void enter(struct Particle* particle) {
  int column = (int)(particle->x / kCell), row = (int)(particle->y / kCell);
  for (int y = row - 1; y <= row + 1; y++)
    for (int x = column - 1; x <= column + 1; x++) collide_with_cell(particle, x, y);
  struct Node* node = arena_allocate(sizeof *node);
  *node = (struct Node){particle, *cell_of(column, row)};
  *cell_of(column, row) = node;
}

// One step of the world. Returns how many dots there are to draw, or -1 if there is no memory for the arena.
EXPORT(step) int step(float seconds) {
  columns = (int)(width / kCell) + 1;
  rows = (int)(height / kCell) + 1;
  size_t cells = (size_t)columns * rows * sizeof *grid;
  if (!arena_reset(cells + alive * (sizeof(struct Node) + 8 + sizeof(struct Dot)) + 64)) return -1;
  grid = arena_allocate(cells);
  memset(grid, 0, cells);
  dots = arena_allocate(alive * sizeof *dots);
  unsigned count = 0;
  for (struct Burst* burst = bursts; burst; burst = burst->next) {
    burst->age += seconds;
    for (unsigned i = 0; i < burst->count; i++) {
      struct Particle* particle = &burst->particles[i];
      move(particle, seconds);
      enter(particle);
      dots[count++] = (struct Dot){particle->x, particle->y, 1 - fminf(burst->age / kLife, 1), burst->hue};
    }
  }
  free_faded();
  return (int)count;
}
