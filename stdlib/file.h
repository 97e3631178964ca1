// stdlib/file.h
// Files on disk as streams: read and written by jobs, since they block and cannot be waited for.
// Layer: library.
#ifndef TG_STDLIB_FILE_H
#define TG_STDLIB_FILE_H

#include "stdlib/stream.h"

typedef struct TgFile TgFile;

// For a stream over `fd`, which is the file's from now on; the path is for messages. NULL: MemoryError raised, and it is not.
TgFile *tg_file_new(TgVM *vm, int fd, const char *path, bool appends);
// As tg_stream_fill, and for what is buffered to be written.
TgResult tg_file_fill(TgCall *call, TgStream *stream, size_t want, int step);
// Appends to what is buffered to be written; TG_DONE at once while there is room. As tg_stream_write_all.
TgResult tg_file_write(TgCall *call, TgStream *stream, const char *bytes, size_t length, int state, int step);
// Writes what is buffered.
TgResult tg_file_flush(TgCall *call, TgStream *stream, int step);
// Closes: a job that is out keeps the descriptor until it is over. What is buffered is written first, blocking, where `is_dead`.
void tg_file_close(TgVM *vm, TgFile *file, bool is_dead);

// The descriptor, its offset where the script is, for a process that shall go on from there. Flushed before, or what is buffered is not yet
// there; the stream does not see how far the process gets.
int tg_file_descriptor(const TgVM *vm, const TgStream *stream);

// To be read, to be written, both.
extern const TgStreamKind tg_stream_file[3];

#endif
