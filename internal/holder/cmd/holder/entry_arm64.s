#include "textflag.h"

// entry is the first instruction of the program. The stack holds the arguments and the environment, by the kernel.
TEXT ·entry(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVD RSP, R0
	MOVD R0, ·stack(SB)
	BL   ·start(SB)
	BRK
