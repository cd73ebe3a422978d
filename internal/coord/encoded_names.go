package coord

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// maxEncodedName leaves room for prefix and hash in the 255 bytes that file systems allow, and for the longest paths of
// Windows.
const maxEncodedName = 100

// fileName makes a file name of any name: two names never share one, on no file system, be it blind to case.
// The prefix keeps kinds apart, and names that Windows reserves (con, nul) harmless.
func fileName(kind, name string) string {
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; isPlainByte(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	encoded := b.String()
	if len(encoded) > maxEncodedName {
		sum := sha256.Sum256([]byte(name))
		// "~" stands in no encoded name, so that no short name looks like a shortened one.
		encoded = encoded[:maxEncodedName-33] + "~" + hex.EncodeToString(sum[:16])
	}
	return kind + "-" + encoded
}

func isPlainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}
