/* A C program that knows nothing of JavaScript, nor of where its memory comes from. */
#include <stdlib.h>

struct Record {
  int id;
  float x;
  float y;
};

/* A new record, to be given back to deleteRecord. NULL if there is no memory left. */
struct Record *createRecord(int id, float x, float y) {
  struct Record *record = malloc(sizeof *record);
  if (record == NULL) return NULL;
  record->id = id;
  record->x = x;
  record->y = y;
  return record;
}

void deleteRecord(struct Record *record) {
  free(record);
}
