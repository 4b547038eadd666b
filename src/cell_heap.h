// The heap that ships: small blocks in cells of equal slots, all others in chunks.
//
//     malloc(n <= 512) -> the active word of its class --------------------------> a slot     (slot_class.h)
//                           '-> the next word, or a cell from the class's lists,
//                               or a new cell, or ... (refill)
//     malloc(n > 512)  -> a chunk                                                             (chunk_heap.h)
//     free             -> page map -> a cell's descriptor -> the slot's bit                   (page_map.h, cell.h)
//                            '-> no cell: a chunk
//
// A class gets its first cell after its 16th request: a program with a handful of blocks needs none.
//
// A cell and its lists:
//
//     new -> current -> full -> nearly full -> partial -> empty: its chunk goes back
//                ^----------------'--------------'
//
// `countdown` counts the frees until the cell moves on; frees into the current cell move nothing.
//
// Memory never shrinks. So before it grows for a small block, the heap uses what it has: a cell's worth of free chunks, then
// cells that are nearly full, then nearly empty cells dissolved into chunks, then small free chunks. And before it refuses
// one, the slots of larger classes.
#pragma once

#include "chunk_heap.h"
#include "page_map.h"
#include "slot_class.h"
#include "state.h"

namespace memory_wasm {

template <Pages P, KeySource K>
class [[gnu::visibility("hidden")]] CellHeap {
 public:
  using Memory = P;
  using Chunks = ChunkHeap<P, SealedTags<K>>;
  using Places = typename Chunks::Places;

  static CellHeap* create() { return create_heap<CellHeap>(); }
  static CellHeap* create_in(uintptr_t address, size_t bytes) { return create_heap_in<CellHeap>(address, bytes); }
  static CellHeap* at(uintptr_t address) { return heap_at<CellHeap>(address); }

  // Makes this state, all zero, a heap.
  void open() {
    guard_.set(layout());
    chunks_.open();
    may_dissolve_ = true;
  }
  bool is_open() const { return guard_.fits(layout()); }

  static constexpr size_t layout() {
    return layout_number(sizeof(CellHeap), sizeof(Cell), sizeof(Region), kCellSize, kSlotLimit, kClasses, Chunks::chunk_size(1),
                         Places::kAreApart ? 2 + Places::kScale : 1);
  }

  // ---- blocks ----

  void* allocate(size_t bytes) {
    void* mem = allocate_at_hand(bytes);
    return __builtin_expect(mem != nullptr, 1) ? mem : allocate_elsewhere(bytes);
  }

  // The same in two steps. First: a slot of the active word, or null. Also before the heap is open: it is all zero.
  [[gnu::always_inline]] void* allocate_at_hand(size_t bytes) { return bytes > kSlotLimit ? nullptr : active_.take(align_up(bytes, kAlignment)); }

  // Second, if the first gave nothing.
  [[gnu::always_inline]] void* allocate_elsewhere(size_t bytes) {
    check_state();
    return bytes > kSlotLimit ? allocate_chunk(bytes, kAlignment) : refill(bytes);
  }

  void* allocate_zeroed(size_t bytes) {
    if (bytes > kSlotLimit) return chunks_.zeroed(bytes, [&] { return allocate(bytes); });
    void* mem = allocate(bytes);
    if (mem) payload_zero_small(mem, bytes);
    return mem;
  }

  [[clang::minsize, gnu::noinline]] void* allocate_aligned(size_t alignment, size_t bytes) {
    if (alignment <= kAlignment) return allocate(bytes);
    check_state();
    return allocate_chunk(bytes, alignment);
  }

  [[gnu::always_inline]] void release(void* mem) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(mem);
    Cell* cell = map_.at(address);
    if (__builtin_expect(cell == nullptr, 0)) return release_chunk(mem);
    release_slot(cell, address);
  }

  void* resize(void* mem, size_t bytes) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(mem);
    Cell* cell = map_.at(address);
    if (!cell) return resize_chunk(mem, bytes);
    slot_in_use<K>(cell, address);
    const size_t room = checked_slot_size(cell);
    if (bytes <= room && bytes > room / 2) return mem;
    void* moved = allocate_for_resize(bytes, room);
    if (!moved) return bytes <= room ? mem : nullptr;
    if (bytes > room) payload_copy_small(moved, mem, room);
    else payload_copy(moved, mem, bytes);
    release_slot(cell, address);
    return moved;
  }

  [[clang::minsize, gnu::noinline]] size_t usable_size(const void* mem) const {
    const uintptr_t address = reinterpret_cast<uintptr_t>(mem);
    Cell* cell = map_.at(address);
    if (!cell) return chunks_.usable_size(mem);
    slot_in_use<K>(cell, address);
    return checked_slot_size(cell);
  }

  // ---- the whole heap ----

  size_t add_region(uintptr_t address, size_t bytes) { return chunks_.add_region(address, bytes); }

  void trim() { reclaim(); }

  [[clang::minsize, gnu::noinline]] void reset() {
    check_state();
    start_over();
    chunks_.reset();
  }

  size_t footprint() const { return chunks_.footprint(); }

  // The largest n for which allocate(n) succeeds even if the memory can't grow. If it can, a small block may get a new cell
  // while a free chunk would hold it.
  size_t largest_free() const {
    const size_t in_chunks = chunks_.largest_free();
    for (unsigned number = kSlotClasses - 1; number * kAlignment > in_chunks; number--)
      if (has_free_slots(number)) return number * kAlignment;
    return in_chunks;
  }

  // ---- for those who only look ----

  Chunks& chunks() { return chunks_; }
  const Chunks& chunks() const { return chunks_; }
  const SlotClass& slot_class(unsigned number) const { return classes_[number]; }
  const ActiveWords<K>& active() const { return active_; }
  const PageMap& map() const { return map_; }
  size_t cells() const { return cells_; }
  size_t currents() const { return currents_; }
  bool is_cell(const Cell* cell) const {
    const uintptr_t address = reinterpret_cast<uintptr_t>(cell);
    return is_aligned(address, alignof(uint64_t)) && address - chunks_.low() < chunks_.high() - chunks_.low() && map_.at(cell->base) == cell;
  }
  static bool is_whole(const Cell* cell) { return cell->template is_whole<K>(); }
  static bool has_shape(const Cell* cell) { return cell->template has_shape<K>(); }

 private:
  // ---- chunks ----

  [[gnu::always_inline]] Chunk* take(size_t size, size_t alignment) {
    Chunk* chunk = chunks_.take_free(size, alignment);
    return __builtin_expect(chunk != nullptr, 1) ? chunk : take_more(size, alignment);
  }

  [[clang::minsize, gnu::noinline]] Chunk* take_more(size_t size, size_t alignment) {
    return chunks_.take_more(size, alignment, [this] { reclaim(); });
  }

  [[gnu::always_inline]] void* allocate_chunk(size_t bytes, size_t alignment) {
    if (bytes >= kPageSize || alignment > kAlignment) return allocate_large(bytes, alignment);
    Chunk* chunk = take(Chunks::chunk_size(bytes), Places::chunk_alignment(alignment));
    return chunk ? Places::of(chunk) : nullptr;
  }

  // Before a block of a page and more is cut off top, empty cells below it are given back, so that their place may serve it. At most
  // once for each cell that became current.
  [[clang::minsize, gnu::noinline]] void* allocate_large(size_t bytes, size_t alignment) {
    if (!Chunks::is_possible(alignment, bytes)) return nullptr;
    const size_t size = Chunks::chunk_size(bytes);
    Chunk* chunk = nullptr;
    if (bytes >= kPageSize && is_unwatched_) {
      chunk = chunks_.take_free(size, Places::chunk_alignment(alignment), kClasses - 1);
      if (!chunk) reclaim();
    }
    if (!chunk) chunk = take(size, Places::chunk_alignment(alignment));
    return chunk ? Places::of(chunk) : nullptr;
  }

  [[gnu::noinline]] void release_chunk(void* mem) {
    if (!mem) return;
    check_state();
    chunks_.release(mem);
  }

  [[clang::minsize, gnu::noinline]] void* resize_chunk(void* mem, size_t bytes) {
    check_state();
    return chunks_.resize_chunk(mem, bytes, [this](size_t wanted) { return allocate(wanted); });
  }

  // A chunk for the heap itself.
  Chunk* take_own(size_t size, size_t alignment, bool may_grow) {
    Chunk* chunk = may_grow ? take(size, alignment) : chunks_.take_free(size, alignment);
    if (chunk) chunk->head |= Chunk::kOwn;
    return chunk;
  }

  // ---- slots ----

  bool has_free_slots(unsigned number) const {
    const SlotClass& slots = classes_[number];
    return slots.partial || slots.nearly_full || (slots.current && slots.current->free_slots());
  }

  [[gnu::always_inline]] void release_slot(Cell* cell, uintptr_t address) {
    const Slot slot = slot_in_use<K>(cell, address);
    slot.word->flip(slot.bit);
    if (__builtin_expect(--cell->countdown == 0, 0)) on_countdown(cell);
  }

  static size_t checked_slot_size(const Cell* cell) {
    trap_if(!has_shape(cell));
    return cell->slot_size();
  }

  // Growing blocks usually grow again: leave half as much again.
  void* allocate_for_resize(size_t bytes, size_t room) {
    const size_t more = room + room / 2;
    if (bytes <= room || bytes >= more) return allocate(bytes);
    void* mem = allocate(more);
    return mem ? mem : allocate(bytes);
  }

  // The same as at hand, where speed does not count.
  [[gnu::noinline]] void* take_slot(unsigned number) { return active_.take(number * kAlignment); }

  [[gnu::noinline]] void* refill(size_t bytes) {
    const unsigned number = bytes ? static_cast<unsigned>(align_up(bytes, kAlignment) / kAlignment) : 1;
    SlotClass& slots = classes_[number];
    if (slots.requests >= kFirstCellAfter) {
      void* mem = serve(number, bytes);
      if (!mem && dissolve()) mem = serve(number, bytes);
      if (mem) return mem;
      if (open_cell(make_cell(number, true), number)) {
        hold_off_ = 0;
        may_dissolve_ = true;
        return take_slot(number);
      }
    } else {
      slots.requests++;
    }
    void* mem = allocate_chunk(bytes, kAlignment);
    return mem ? mem : borrow(number);
  }

  // From what the heap has: a slot, or a chunk where cells find no place. Null if there is neither.
  void* serve(unsigned number, size_t bytes) {
    if (open_listed(number) || open_without_growth(number)) return take_slot(number);
    if (!has_holes()) return nullptr;
    Chunk* chunk = chunks_.take_free(Chunks::chunk_size(bytes), kAlignment, size_class(2 * kCellChunk));
    return chunk ? Places::of(chunk) : nullptr;
  }

  // The next word of the current cell with a free slot becomes the active one, or one of a cell with many. False if there
  // is none.
  bool open_listed(unsigned number) {
    SlotClass& slots = classes_[number];
    if (slots.current && open_word(slots.current, number)) return true;
    Cell* cell = slots.partial;
    if (!cell) return false;
    trap_if(!is_cell_of(cell, number) || cell->used_slots() != cell->countdown);
    unlist(cell, slots.partial);
    return open_cell(cell, number);
  }

  bool open_without_growth(unsigned number) {
    if (hold_off_) {
      hold_off_--;
    } else {
      if (open_cell(make_cell(number, false), number)) return true;
      hold_off_ = kHoldOff;
    }
    return open_nearly_full(number);
  }

  // Whether the free chunks are worth a search for small ones. Otherwise small blocks would only break them up.
  bool has_holes() const { return chunks_.free_in_bins() > chunks_.in_reach() / kHolesDivisor; }

  bool open_nearly_full(unsigned number) {
    Cell* cell = classes_[number].nearly_full;
    if (!cell) return false;
    trap_if(!is_cell_of(cell, number) || cell->free_slots() != relist_threshold(number) - cell->countdown);
    unlist(cell, classes_[number].nearly_full);
    return open_cell(cell, number);
  }

  // A slot of a larger class, the last that can be done before a request is refused.
  [[clang::minsize, gnu::noinline]] void* borrow(unsigned number) {
    for (; number < kSlotClasses; number++) {
      if (void* mem = take_slot(number)) return mem;
      if (open_listed(number) || open_nearly_full(number)) return take_slot(number);
    }
    return nullptr;
  }

  // The cell, which has free slots and is in no list, becomes the current one of its class. The one before is full.
  bool open_cell(Cell* cell, unsigned number) {
    if (!cell) return false;
    SlotClass& slots = classes_[number];
    if (slots.current) {
      trap_if(!is_cell_of(slots.current, number));
      slots.current->countdown = 1;
    } else {
      currents_++;
    }
    slots.current = cell;
    unwatch(cell);
    return open_word(cell, number);
  }

  // Frees into the current cell change nothing, until reclaim watches it.
  void unwatch(Cell* cell) {
    cell->countdown = kNever;
    is_unwatched_ = true;
  }

  // The word of the current cell with the most free slots becomes the active one: it lasts longest. False if none is left. If the cell
  // was overwritten, take finds that the bits don't fit their secret.
  bool open_word(Cell* cell, unsigned number) {
    unsigned best = 0;
    int most = 0;
    for (unsigned i = 0; i < cell->words(); i++) {
      const int count = __builtin_popcountll(cell->free[i].bits);
      if (count <= most) continue;
      most = count;
      best = i;
    }
    if (most) active_.set(number, cell, best);
    return most != 0;
  }

  // ---- the lists ----

  [[gnu::noinline]] void on_countdown(Cell* cell) {
    check_state();
    const unsigned number = cell->slot_class;
    trap_if(number == 0 || number >= kSlotClasses || !is_cell_of(cell, number));
    SlotClass& slots = classes_[number];
    const unsigned free = cell->free_slots();
    if (cell == slots.current) {
      if (free == cell->slots()) drop_current(number);
      else unwatch(cell);
      return;
    }
    const unsigned threshold = relist_threshold(number);
    if (free == cell->slots()) {
      unlist(cell, slots.partial);
      drop(cell);
      // Only current cells are left. Give back the empty ones, so that they don't fragment the free space.
      if (cells_ == currents_) reclaim();
    } else if (free == threshold) {
      if (threshold > 1) unlist(cell, slots.nearly_full);
      list(cell, slots.partial);
      cell->countdown = static_cast<uint16_t>(cell->slots() - free);
    } else {
      trap_if(free != 1);
      list(cell, slots.nearly_full);
      cell->countdown = static_cast<uint16_t>(threshold - 1);
    }
  }

  void list(Cell* cell, Cell*& first) {
    cell->next = first;
    cell->previous = nullptr;
    if (first) {
      trap_if(!is_cell(first));
      first->previous = cell;
    }
    first = cell;
  }

  void unlist(Cell* cell, Cell*& first) {
    Cell* next = cell->next;
    Cell* previous = cell->previous;
    if (next) {
      trap_if(!is_cell(next) || next->previous != cell);
      next->previous = previous;
    }
    if (previous) {
      trap_if(!is_cell(previous) || previous->next != cell);
      previous->next = next;
    } else {
      trap_if(first != cell);
      first = next;
    }
  }

  // Gives back the current cells that are empty. The others will be given back as soon as they are, if nothing is taken
  // from them before.
  [[clang::minsize, gnu::noinline]] void reclaim() {
    if (!currents_) return;
    is_unwatched_ = false;
    for (unsigned number = 1; number < kSlotClasses; number++) {
      Cell* cell = classes_[number].current;
      if (!cell) continue;
      trap_if(!is_cell_of(cell, number));
      const unsigned used = cell->used_slots();
      if (used == 0) drop_current(number);
      else cell->countdown = static_cast<uint16_t>(used);
    }
  }

  // ---- cells ----

  // A cell without a list, or null. Its descriptor first, then the cell, then its place in the map.
  [[clang::minsize, gnu::noinline]] Cell* make_cell(unsigned number, bool may_grow) {
    Chunk* own = take_own(Places::chunk_size_of_own(Cell::bytes_of(number)), kAlignment, may_grow);
    if (!own) return nullptr;
    Chunk* chunk = take_own(kCellChunk, kCellChunk, may_grow);
    const uintptr_t base = chunk ? Places::address_of(chunk) : 0;
    if (!chunk || !cover(base, may_grow)) {
      if (chunk) chunks_.disown(chunk->mem());
      chunks_.disown(own->mem());
      return nullptr;
    }
    Cell* cell = static_cast<Cell*>(own->mem());
    cell->template init<K>(base, number);
    map_.set(base, cell);
    classes_[number].cells++;
    cells_++;
    return cell;
  }

  [[clang::minsize, gnu::noinline]] void drop_current(unsigned number) {
    Cell* cell = classes_[number].current;
    classes_[number].current = nullptr;
    active_.clear(number);
    currents_--;
    drop(cell);
  }

  // Gives back a cell whose slots are all free.
  [[clang::minsize, gnu::noinline]] void drop(Cell* cell) {
    trap_if(!is_whole(cell));
    void* const slots = head_of(cell, 0)->mem();
    forget(cell);
    chunks_.disown(slots);
    chunks_.disown(cell);
    drop_map_without_cells();
  }

  void forget(Cell* cell) {
    SlotClass& slots = classes_[cell->slot_class];
    if (--slots.cells == 0) slots.requests = 0;
    map_.set(cell->base, nullptr);
    cells_--;
  }

  void drop_map_without_cells() {
    if (cells_) return;
    chunks_.disown(map_.entries());
    start_over();
  }

  // As after open, but for the chunks: a heap without cells takes the same requests to the same places each time.
  [[clang::minsize, gnu::noinline]] void start_over() {
    for (unsigned number = 1; number < kSlotClasses; number++) {
      active_.clear(number);
      classes_[number] = {};
    }
    map_ = {};
    cells_ = currents_ = 0;
    hold_off_ = dissolve_from_ = 0;
    is_unwatched_ = false;
    may_dissolve_ = true;
  }

  // Makes the map cover the address. False if it can't.
  [[clang::minsize, gnu::noinline]] bool cover(uintptr_t address, bool may_grow) {
    if (map_.covers(address)) {
      // With a length that was overwritten the entry would be written into a block.
      trap_if(chunks_.usable_size_of_own(map_.entries()) < map_.count() * sizeof(Cell*));
      return true;
    }
    const size_t index = address / kCellSize;
    size_t first = index;
    size_t count = 1;
    if (map_.count()) {
      const size_t known = map_.begin() / kCellSize;
      first = index < known ? index : known;
      count = (index < known ? known + map_.count() : index + 1) - first;
    }
    // Half as much again, on the side to which it grows.
    const size_t more = count / 2 + 1;
    count += more;
    if (index == first && map_.count()) first -= more < first ? more : first;
    Chunk* own = take_own(Places::chunk_size_of_own(count * sizeof(Cell*)), kAlignment, may_grow);
    if (!own) return false;
    Cell** before = map_.entries();  // not earlier: the last cell may have been given back meanwhile, and the map with it
    map_.move_to(static_cast<Cell**>(own->mem()), first * kCellSize, count);
    if (before) chunks_.disown(before);
    return true;
  }

  // ---- dissolving ----

  // Makes chunks of cells that are nearly empty, so that the few blocks left in them don't pin them. False if there were
  // none among those it looked at.
  [[clang::minsize, gnu::noinline]] bool dissolve() {
    if (!may_dissolve_) return false;
    bool any = false;
    int left = kDissolveLimit;
    for (unsigned i = 1; i < kSlotClasses && left > 0; i++) {
      dissolve_from_ = dissolve_from_ % (kSlotClasses - 1) + 1;
      Cell* next;
      for (Cell* cell = classes_[dissolve_from_].partial; cell && left > 0; cell = next, left--) {
        trap_if(!is_cell_of(cell, dissolve_from_));
        next = cell->next;
        if (!can_dissolve(cell)) continue;
        unlist(cell, classes_[dissolve_from_].partial);
        dissolve(cell);
        any = true;
      }
    }
    return may_dissolve_ = any;
  }

  // Each block left needs the end of the slot below it for its head, and the begin of the one above for its seal.
  static bool can_dissolve(const Cell* cell) {
    const unsigned most = cell->slots() / kNearlyEmpty;
    if (cell->countdown > (most ? most : 1)) return false;
    if (cell->slot_size() < kMinChunk && next_used(cell, 0) == 1) return false;  // 64-bit words: no chunk fits below it
    if constexpr (Places::kAreApart)
      if (!Places::is_aligned(cell->slot_size())) return false;  // no chunk begins at each slot
    uint64_t below = 0;
    for (unsigned i = 0, left = cell->slots(); i < cell->words(); i++, left -= kWordBits) {
      const uint64_t there = left >= kWordBits ? ~uint64_t(0) : (uint64_t(1) << left) - 1;
      const uint64_t used = ~cell->free[i].bits & there;
      if (used & (used << 1 | below)) return false;
      below = used >> (kWordBits - 1);
    }
    return true;
  }

  //     cell    | free | free | block | free | free | free | block | free |
  //     chunks  |        free|h block     s|         free |h block     s| |      h: head, s: seal
  void dissolve(Cell* cell) {
    trap_if(!is_whole(cell));
    Chunk* const first = head_of(cell, 0);
    Chunk* const end = first->above();
    Chunk* chunk = first;
    size_t below_in_use = first->head & Chunk::kBelowInUse;
    const auto cut_off = [&](Chunk* above) {
      if (above == chunk) return;
      chunks_.set_in_use(chunk, above->address() - chunk->address(), below_in_use);
      below_in_use = Chunk::kBelowInUse;
      chunk = above;
    };
    for (unsigned slot = next_used(cell, 0), next; slot < cell->slots(); slot = next) {
      next = next_used(cell, slot + 1);
      Chunk* const limit = next < cell->slots() ? head_of(cell, next) : end;
      Chunk* const block = head_of(cell, slot);
      Chunk* const above = Chunk::at(block->address() + cell->slot_size() / Places::kScale + kAlignment);
      cut_off(block);
      cut_off(limit->address() - above->address() < kMinChunk ? limit : above);
    }
    cut_off(end);
    forget(cell);
    give_gaps(cell, first, end);
    chunks_.disown(cell);
    drop_map_without_cells();
  }

  static Chunk* head_of(const Cell* cell, unsigned slot) { return Places::chunk_at(cell->base + slot * cell->slot_size()); }

  static unsigned next_used(const Cell* cell, unsigned slot) {
    while (slot < cell->slots() && cell->is_free(slot)) slot++;
    return slot;
  }

  // Gives back the chunks in [chunk, end) that are no block.
  void give_gaps(const Cell* cell, Chunk* chunk, const Chunk* end) {
    while (chunk != end) {
      Chunk* const above = chunk->above();
      const size_t offset = Places::address_of(chunk) - cell->base;
      const unsigned slot = static_cast<unsigned>(offset / cell->slot_size());
      const bool is_block = offset % cell->slot_size() == 0 && slot < cell->slots() && !cell->is_free(slot);
      if (!is_block) chunks_.give(chunk);
      chunk = above;
    }
  }

  // ---- when the heap is found broken ----

  void check_state() const { trap_if(!guard_.is_intact()); }

  bool is_cell_of(const Cell* cell, unsigned number) const { return is_cell(cell) && cell->slot_class == number && has_shape(cell); }

  static constexpr size_t kCellChunk = kCellSize / Places::kScale;  // the size of a cell's chunk
  static constexpr uint16_t kNever = UINT16_MAX;
  static constexpr uint32_t kFirstCellAfter = 16;  // requests
  static constexpr uint32_t kHoldOff = 64;         // requests until the next try to make a cell without growth
  static constexpr size_t kHolesDivisor = 32;      // of the footprint
  static constexpr int kDissolveLimit = 64;        // cells looked at
  static constexpr unsigned kNearlyEmpty = 16;     // a cell is, with at most this part of its slots in use

  StateGuard<SealedTags<K>> guard_;
  PageMap map_;
  ActiveWords<K> active_;
  SlotClass classes_[kSlotClasses];
  size_t cells_;
  size_t currents_;  // of these, the current ones
  uint32_t hold_off_;
  uint32_t dissolve_from_;  // the class that was looked at last
  bool is_unwatched_;       // since the last reclaim a cell became current
  bool may_dissolve_;       // since the last growth no attempt was in vain
  Chunks chunks_;
};

}  // namespace memory_wasm
