/* Records that one thread makes and another reads and frees; and the voices of a synthesizer, which lives in an AudioWorklet. */
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(#name))) name

/* ---- records ---- */

struct record {
  int number;
  double values[4];
};

struct record* EXPORT(make_record)(int number) {
  struct record* record = malloc(sizeof *record);
  if (record) *record = (struct record){number, {number, 2.0 * number, 3.0 * number, 4.0 * number}};
  return record;
}

/* The sum of its values. The record is the caller's no more. */
double EXPORT(use_record)(struct record* record) {
  double sum = 0;
  for (int i = 0; i < 4; i++) sum += record->values[i];
  free(record);
  return sum;
}

/* ---- voices ---- */

struct note {
  float step; /* of the phase, for each sample: frequency / sample rate */
  int samples;
};

struct voice {
  struct voice* next;
  float phase, step;
  int left, samples;
};

/* Of the audio thread only: nobody else touches it. */
static struct voice* voices;

struct note* EXPORT(make_note)(float step, int samples) {
  struct note* note = malloc(sizeof *note);
  if (note) *note = (struct note){step, samples};
  return note;
}

/* The audio thread: takes a note, which another thread made, and gives it a voice. malloc and free wait for nobody, so the sound never does. */
int EXPORT(play)(struct note* note) {
  struct voice* voice = malloc(sizeof *voice);
  if (voice) {
    *voice = (struct voice){voices, 0, note->step, note->samples, note->samples};
    voices = voice;
  }
  free(note);
  return voice != 0;
}

float* EXPORT(make_buffer)(int samples) { return calloc(samples, sizeof(float)); }

/* The next samples; a voice that has ended is freed. Returns how many voices still sound. */
int EXPORT(render)(float* out, int samples) {
  for (int i = 0; i < samples; i++) out[i] = 0;
  int count = 0;
  for (struct voice** place = &voices; *place;) {
    struct voice* voice = *place;
    for (int i = 0; i < samples && voice->left > 0; i++, voice->left--) {
      float triangle = voice->phase < 0.5f ? 4 * voice->phase - 1 : 3 - 4 * voice->phase;
      out[i] += 0.1f * triangle * (float)voice->left / (float)voice->samples;
      voice->phase += voice->step;
      if (voice->phase >= 1) voice->phase -= 1;
    }
    if (voice->left > 0) {
      count++;
      place = &voice->next;
    } else {
      *place = voice->next;
      free(voice);
    }
  }
  return count;
}
