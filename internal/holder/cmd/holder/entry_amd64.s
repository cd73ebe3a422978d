#include "textflag.h"

// entry is the first instruction of the program. The stack holds the arguments and the environment, by the kernel.
// A call from assembler to Go loads the goroutine from the thread's storage. Readable storage is enough, because no
// function of the program uses the goroutine.
TEXT ·entry(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVQ SP, ·stack(SB)
	MOVQ $158, AX                // arch_prctl
	MOVQ $0x1002, DI             // ARCH_SET_FS
	LEAQ ·threadStorage+64(SB), SI
	SYSCALL
	CALL ·start(SB)
	INT  $3
