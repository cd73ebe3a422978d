import { loadBooks, price } from "./books.js";

const books = await loadBooks();
document.querySelector("#books").replaceChildren(...books.map((book) => {
  const item = document.createElement("li");
  item.textContent = `${book.title}: ${price(book.cents)}`;
  return item;
}));
