// Plain rows and the functions that read and write them, one file a table. Columns only: who may do
// what, and when, is decided above. Functions that change take a Transaction; those that change a
// row by its key throw Error{not_found} when there is none. Times are milliseconds since 1970
// (base/time.h); serial numbers and digests are lower-case hex.
#pragma once

#include "store/accounting.h"
#include "store/approvals.h"
#include "store/attempts.h"
#include "store/audit.h"
#include "store/certificates.h"
#include "store/crls.h"
#include "store/enrolments.h"
#include "store/factors.h"
#include "store/groups.h"
#include "store/intents.h"
#include "store/keys.h"
#include "store/notices.h"
#include "store/refusals.h"
#include "store/requests.h"
#include "store/responses.h"
#include "store/seal_windows.h"
#include "store/settings.h"
#include "store/shares.h"
#include "store/timestamps.h"
#include "store/used_once.h"
#include "store/users.h"
