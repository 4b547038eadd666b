// What a heap reports: that its memory grew, and blocks that nobody freed.

/**
 * Fired right after the memory has grown. When the heap grows the memory, the event fires inside malloc: a listener must not allocate or free. When something
 * else does, it fires at the next use of a view.
 */
export class GrowEvent extends Event {
  /**
   * @internal
   * @param {number} from bytes of the memory before
   * @param {number} to bytes of the memory now
   */
  constructor(from, to) {
    super('grow');
    this.from = from;
    this.to = to;
  }
}

/**
 * A block that nobody freed, and whose owner in JavaScript the garbage collector took. It stays allocated. Unless a listener calls
 * preventDefault, console.warn reports it.
 */
export class LeakEvent extends Event {
  /**
   * @internal
   * @param {number} pointer
   * @param {number} byteLength
   */
  constructor(pointer, byteLength) {
    super('leak', { cancelable: true });
    this.pointer = pointer;
    this.byteLength = byteLength;
  }
}
