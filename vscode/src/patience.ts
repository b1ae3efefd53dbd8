/** What a promise gives, or an error once it has taken too long. */
export function inTime<T>(promise: PromiseLike<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds / 1000} s`)), milliseconds);
    void promise.then(resolve, reject).then(() => clearTimeout(timer));
  });
}
