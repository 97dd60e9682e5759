#include "respring/app.h"

int main(int argc, char** argv) { return respring::cmd::main_of(argc, argv); }
