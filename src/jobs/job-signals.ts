/** Why a running job is aborted: its owner cancelled or deleted it. */
export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
  constructor() {
    super('The job was cancelled.');
  }
}

/** Why a running job is aborted: this runner stops, and another one goes on with the job. */
export class JobHandover extends Error {
  override readonly name = 'JobHandover';
  constructor() {
    super('This runner stops; another one goes on with the job.');
  }
}
