/**
 * Return a number that no other tab of this browser has: the smallest one. A tab that is loaded again gets its own
 * again, and with it what was kept under it. Without locks, as on a page without https, it is 0.
 */
export async function lockTabNumber(name: string): Promise<number> {
  for (let number = 0; navigator.locks; number++) {
    const isOurs = await new Promise<boolean>((resolve) => {
      void navigator.locks.request(`${name} ${number}`, {ifAvailable: true}, (lock) => {
        resolve(lock !== null);
        return lock ? new Promise(() => {}) : null; // until the tab is closed
      });
    });
    if (isOurs) {
      return number;
    }
  }
  return 0;
}
