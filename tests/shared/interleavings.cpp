// Every interleaving of the atomic operations by which threads hand freed blocks to their owner (src/wasm/shared/pending.h), each in
// a run of its own: a depth-first search over the choice of which thread goes next. A thread may also be stopped for good before any
// of its operations, as a terminated Worker is.
//
//     interleavings        every scenario; exits with 1 and prints the schedule of the first that breaks

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <ucontext.h>

#include "wasm/shared/pending.h"

namespace {

constexpr unsigned kThreads = 3;
constexpr unsigned kWords = 2;
constexpr unsigned kPages = 2;

// ---- threads that stop before each atomic operation ----

struct Fiber {
  std::vector<char> stack = std::vector<char>(64 * 1024);
  ucontext_t start;
  std::jmp_buf place;
  std::function<void()> work;
  bool exists = false, begun, done;
};

Fiber fibers[kThreads];
std::jmp_buf scheduler;
Fiber* running;

void step() {
  if (running && !_setjmp(running->place)) _longjmp(scheduler, 1);
}

// Of a run after the other: making a stack takes longer than a run.
void body() {
  for (;;) {
    running->work();
    running->done = true;
    step();
  }
}

void resume(Fiber& fiber) {
  running = &fiber;
  if (!_setjmp(scheduler)) {
    const bool goes_on = fiber.exists && (fiber.begun || fiber.done);
    fiber.begun = true;
    fiber.done = false;
    if (goes_on) _longjmp(fiber.place, 1);
    fiber.exists = true;
    getcontext(&fiber.start);
    fiber.start.uc_stack.ss_sp = fiber.stack.data();
    fiber.start.uc_stack.ss_size = fiber.stack.size();
    makecontext(&fiber.start, body, 0);
    setcontext(&fiber.start);
  }
  running = nullptr;
}

struct SteppedAtomics {
  template <class T>
  static T load(const T& place) { step(); return place; }
  template <class T>
  static void store(T& place, T value) { step(); place = value; }
  template <class T>
  static T exchange(T& place, T value) { step(); const T old = place; place = value; return old; }
  template <class T>
  static T fetch_or(T& place, T bits) { step(); const T old = place; place |= bits; return old; }
  template <class T>
  static T fetch_and(T& place, T bits) { step(); const T old = place; place &= bits; return old; }
};

using Protocol = memory_wasm::Pending<SteppedAtomics, kWords>;

// ---- the world ----

struct World {
  uint64_t words[kPages][kWords];
  uint64_t touched;
  uint32_t flags[kPages];
  unsigned owner[kPages];  // of each page: which flag
  unsigned taken[kPages][kWords * 64];
  unsigned freed, refused;
};

World world;

void free_block(unsigned page, unsigned unit) {
  world.freed++;
  const bool ok = Protocol::add(world.words[page][unit / 64], uint64_t(1) << unit % 64, world.touched, uint64_t(1) << page, world.flags[world.owner[page]]);
  if (!ok) world.refused++;
}

void drain(unsigned owner) {
  Protocol::drain(world.flags[owner], &world.touched, 1, [&](size_t page) { return world.owner[page] == owner ? world.words[page] : nullptr; },
                  [&](size_t page, unsigned unit) { world.taken[page][unit]++; });
}

unsigned all_taken() {
  unsigned sum = 0;
  for (auto& page : world.taken)
    for (unsigned count : page) sum += count;
  return sum;
}

// ---- the search ----

struct Scenario {
  const char* name;
  std::vector<std::function<void()>> threads;
  std::function<void()> prepare, finish;
  std::function<const char*()> broken;  // after finish: what is wrong, or null
  bool stops;                           // thread 0 may be stopped before any of its operations
};

struct Choice {
  unsigned taken, count;
};

std::vector<Choice> schedule;

// Runs once along the schedule, which it extends by first choices.
void run(const Scenario& scenario) {
  world = {};
  if (scenario.prepare) scenario.prepare();
  for (unsigned i = 0; i < scenario.threads.size(); i++) {
    fibers[i].work = scenario.threads[i];
    if (!fibers[i].done) fibers[i].exists = false;  // it was stopped
    fibers[i].begun = false;
  }
  bool is_stopped = false;
  for (size_t depth = 0;; depth++) {
    std::vector<int> ready;
    for (unsigned i = 0; i < scenario.threads.size(); i++)
      if (!(fibers[i].begun && fibers[i].done) && !(i == 0 && is_stopped)) ready.push_back(static_cast<int>(i));
    if (ready.empty()) break;
    if (scenario.stops && !is_stopped && !(fibers[0].begun && fibers[0].done)) ready.push_back(-1);
    if (depth == schedule.size()) schedule.push_back({0, static_cast<unsigned>(ready.size())});
    const int next = ready[schedule[depth].taken];
    if (next < 0) is_stopped = true;
    else resume(fibers[next]);
  }
  if (scenario.finish) scenario.finish();
}

bool next_schedule() {
  while (!schedule.empty() && ++schedule.back().taken == schedule.back().count) schedule.pop_back();
  return !schedule.empty();
}

bool explore(const Scenario& scenario) {
  size_t runs = 0;
  schedule.clear();
  do {
    run(scenario);
    runs++;
    if (const char* problem = scenario.broken()) {
      std::printf("%s: %s\nschedule:", scenario.name, problem);
      for (const Choice& choice : schedule) std::printf(" %u/%u", choice.taken, choice.count);
      std::printf("\n");
      return false;
    }
  } while (next_schedule());
  std::printf("%-60s %zu interleavings\n", scenario.name, runs);
  return true;
}

const char* each_once() {
  if (world.refused) return "a block that was freed once was refused";
  for (auto& page : world.taken)
    for (unsigned count : page)
      if (count > 1) return "a block was taken back twice";
  return all_taken() == world.freed ? nullptr : "a block was never taken back";
}

const char* twice_is_seen() { return all_taken() + world.refused == world.freed ? nullptr : "a second free was neither refused nor handed to the owner"; }

const char* nothing_waits() {
  for (auto& page : world.words)
    for (uint64_t word : page)
      if (word) return "a block that was freed is still waiting";
  for (auto& page : world.taken)
    for (unsigned count : page)
      if (count > 1) return "a block was taken back twice";
  return nullptr;
}

const auto kDrainAll = [] {
  drain(0);
  drain(1);
};

}  // namespace

int main() {
  const std::vector<Scenario> scenarios = {
      {"a free beside the owner's look", {[] { free_block(0, 3); }, [] { drain(0); }}, nullptr, kDrainAll, each_once, false},
      {"two frees in a word, one after the other", {[] { free_block(0, 3); free_block(0, 4); }, [] { drain(0); drain(0); }}, nullptr, kDrainAll, each_once, false},
      {"two threads free in one word", {[] { free_block(0, 3); }, [] { free_block(0, 4); }, [] { drain(0); }}, nullptr, kDrainAll, each_once, false},
      {"two threads free in two words", {[] { free_block(0, 3); }, [] { free_block(0, 70); }, [] { drain(0); }}, nullptr, kDrainAll, each_once, false},
      {"two threads free in two pages of one owner", {[] { free_block(0, 3); }, [] { free_block(1, 3); }, [] { drain(0); }}, nullptr, kDrainAll, each_once, false},
      {"two owners look, a block of the second is freed", {[] { free_block(1, 3); }, [] { drain(0); drain(1); }}, [] { world.owner[1] = 1; free_block(0, 3); }, kDrainAll, each_once, false},
      {"two threads free the same block", {[] { free_block(0, 3); }, [] { free_block(0, 3); }, [] { drain(0); }}, nullptr, kDrainAll, twice_is_seen, false},
      {"a thread is stopped while it frees; another frees there later",
       {[] { free_block(0, 3); }, [] { drain(0); }},
       nullptr,
       [] { free_block(0, 4); drain(0); },
       nothing_waits,
       true},
      {"the same, into another word", {[] { free_block(0, 3); }, [] { free_block(0, 70); drain(0); }}, nullptr, [] { free_block(0, 71); drain(0); }, nothing_waits, true},
      {"the owner is stopped while it looks; its heap's next thread looks",
       {[] { drain(0); }, [] { free_block(0, 3); free_block(0, 70); }},
       nullptr,
       [] { free_block(0, 4); drain(0); },
       nothing_waits,
       true},
  };
  for (const Scenario& scenario : scenarios)
    if (!explore(scenario)) return 1;
}
