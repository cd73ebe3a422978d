// loadBooks returns the books, sorted by title.
export async function loadBooks() {
  const answer = await fetch("books.json");
  const books = await answer.json();
  return books.sort((a, b) => a.title.localeCompare(b.title));
}

export function price(cents) {
  return `€ ${(cents / 100).toFixed(2)}`;
}
