// tests/folder.h
// A folder of the test's own, which goes with it: TestSuite(name, .init = make_folder, .fini = drop_folder).
//
// Layer: tests.
#ifndef TG_TESTS_FOLDER_H
#define TG_TESTS_FOLDER_H

extern char folder[]; // its path, once it is made

void make_folder(void);
void drop_folder(void);
// The path of a file in it, until the next call.
const char *path_of(const char *name);

#endif
