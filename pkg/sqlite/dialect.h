#pragma once

#include "sql/dialect.h"

namespace respring::sqlite {

const sql::Dialect& dialect();

}  // namespace respring::sqlite
