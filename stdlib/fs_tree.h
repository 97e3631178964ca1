// stdlib/fs_tree.h
// Folders with all that is in them, as work for another thread.
// Layer: library.
#ifndef TG_STDLIB_FS_TREE_H
#define TG_STDLIB_FS_TREE_H

#include "vm/api.h"

// Removes some hundred of the things in a folder, and the folder where it is empty then; links are removed, not followed, whoever puts
// one there meanwhile. 0: all is gone; EAGAIN: go on; else why not, and `where` is the path of what stands in the way.
int tg_fs_remove_some(const char *path, TgBuffer *where);

#endif
