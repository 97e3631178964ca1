// stdlib/fs_tree.h
// Folders with all that is in them, as work for another thread; temporary things.
// Layer: library.
#ifndef TG_STDLIB_FS_TREE_H
#define TG_STDLIB_FS_TREE_H

#include "vm/api.h"

// Removes some hundred of the things in a folder, and the folder where it is empty then; links are removed, not followed, whoever puts
// one there meanwhile. 0: all is gone; EAGAIN: go on; else why not, and `where` is the path of what stands in the way.
int tg_fs_remove_some(const char *path, TgBuffer *where);

// Answers for what was made at this path (`text` shows it) until _settled(): else the end of the program removes it.
TgValue tg_fs_draft(TgVM *vm, const char *path, TgString *text);
// Says which of them are not settled, and removes them now.
void tg_fs_end_drafts(TgVM *vm, void (*say)(void *data, const char *path), void *data);
extern const TgNativeDef tg_lib_fs_temp[];

#endif
