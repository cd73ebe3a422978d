// Package shelllint finds shell expansions in the commands and scripts of a file before HCL parses the file.
package shelllint
