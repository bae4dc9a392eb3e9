// The page behind the QR code on a box: a fitter picks the plate, the box's code is shown.
const WORDS = {
  ko: {
    box: '단말기', pin: '작업용 PIN (12자리)', signIn: '확인', part: '차량 번호 또는 설치 장소', type: '이 코드를 단말기에 입력하세요.',
    badPin: 'PIN이 맞지 않거나 만료되었습니다.', closed: '시도가 너무 많습니다. 한 시간 뒤에 다시 하세요.', busy: '지금은 혼잡합니다. 다시 누르세요.', none: '열려 있는 등록이 없습니다.',
    gone: '이미 다른 단말기에 배정되었습니다.', offline: '허브에 연결할 수 없습니다.', noBox: '단말기의 QR 코드로 여세요.',
    ask: (plate) => `${plate}: 이 단말기를 배정할까요?`,
  },
  en: {
    box: 'Box', pin: 'Work PIN (12 digits)', signIn: 'Continue', part: 'Vehicle number or site', type: 'Enter this code on the box.',
    badPin: 'That PIN is wrong, used or over.', closed: 'Too many tries. Try again in an hour.', busy: 'Too much at once. Press again.', none: 'No open claim.',
    gone: 'That claim is not open any more.', offline: 'The hub cannot be reached.', noBox: 'Open this page by the QR code on the box.',
    ask: (plate) => `${plate}: give it to this box?`,
  },
};
const words = WORDS[navigator.language.startsWith('ko') ? 'ko' : 'en'];
const at = (id) => document.getElementById(id);
const fragment = decodeURIComponent(location.hash.slice(1));
const CODE = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/;
const WAIT_MS = 300;

document.documentElement.lang = words === WORDS.ko ? 'ko' : 'en';
document.querySelectorAll('[data-t]').forEach((each) => { each.textContent = words[each.dataset.t]; });

function show(id) {
  for (const each of ['sign-in', 'search', 'done']) at(each).hidden = each !== id;
  at('said').textContent = '';
}

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  };
  try {
    return await fetch(path, options);
  } catch {
    at('said').textContent = words.offline;
    return undefined;
  }
}

function refused(answer, otherwise) {
  at('said').textContent = ({ 429: words.closed, 503: words.busy })[answer.status] ?? otherwise;
}

async function signIn(event) {
  event.preventDefault();
  const answer = await ask('/claim/session', { pin: at('pin').value.replace(/\D/g, '') });
  if (answer === undefined) return;
  if (answer.ok) {
    show('search');
    at('part').focus();
  } else {
    refused(answer, words.badPin);
  }
}

async function search() {
  const part = at('part').value.trim();
  at('found').replaceChildren();
  if (part.length < 2) return;
  const answer = await ask(`/claim/open?part=${encodeURIComponent(part)}`);
  if (answer === undefined || at('part').value.trim() !== part) return;
  if (answer.status === 401) {
    show('sign-in');
    return;
  }
  if (!answer.ok) {
    refused(answer, words.offline);
    return;
  }
  const claims = await answer.json();
  at('said').textContent = claims.length === 0 ? words.none : '';
  at('found').replaceChildren(...claims.map(row));
}

function row(claim) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = claim.vehicle;
  const company = document.createElement('small');
  company.textContent = claim.company;
  button.append(company);
  button.addEventListener('click', () => pick(claim));
  const item = document.createElement('li');
  item.append(button);
  return item;
}

async function pick(claim) {
  if (!window.confirm(words.ask(claim.vehicle))) return;
  const answer = await ask('/claim/pick', { claim: claim.claim, serial: fragment });
  if (answer === undefined) return;
  if (answer.ok) {
    done(claim.vehicle, (await answer.json()).code);
  } else if (answer.status === 401) {
    show('sign-in');
  } else {
    refused(answer, words.gone);
  }
}

function done(plate, code) {
  show('done');
  at('plate').textContent = plate;
  at('code').textContent = code;
}

let waiting;
at('sign-in').addEventListener('submit', signIn);
at('part').addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, WAIT_MS);
});
if (CODE.test(fragment)) {
  done('', fragment);
} else if (/^[A-Za-z0-9._-]{1,64}$/.test(fragment)) {
  at('box').textContent = `${words.box} ${fragment}`;
  const answer = await ask('/claim/open?part=');
  show(answer?.status === 401 ? 'sign-in' : 'search');
} else {
  at('said').textContent = words.noBox;
}
