{ words[NR] = $0 }
END {
  for (i = 1; i <= NR; i++)
    for (j = i + 1; j <= NR; j++)
      if (words[j] < words[i]) { swap = words[i]; words[i] = words[j]; words[j] = swap }
  for (i = 1; i <= NR; i++) print words[i]
}
