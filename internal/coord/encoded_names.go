package coord

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// maxEncodedName leaves room for prefix and hash in a name of 255 bytes, the limit of file systems, and in
// the longest paths of Windows.
const maxEncodedName = 100

// fileName encodes any name as the name of a file. Two names never have the same file, even on a file system
// without upper and lower case. The prefix separates kinds, and makes reserved names of Windows (con, nul)
// harmless.
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
		// No encoded name has "~", so no short name equals a shortened name.
		encoded = encoded[:maxEncodedName-33] + "~" + hex.EncodeToString(sum[:16])
	}
	return kind + "-" + encoded
}

func isPlainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}
