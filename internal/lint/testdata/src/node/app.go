//waymark:deterministic

package node

import "time"

func finalize() time.Time { return time.Now() } // want `time.Now is not a function`
